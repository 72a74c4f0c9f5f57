//! Every column of every row that a pass writes for builds, against what Coder's own loop writes.
//!
//! A case compares whole records: a column that the expectation doesn't name fails the test.

mod records;

use std::collections::BTreeSet;

use records::{Expected, NO_STATE, NULL, assert_build, assert_record, record};
use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::report::planned_at;
use crate::support::scene::{Job, PREBUILDS_USER, STATE, Scene, TAGS, Version, Workspace};
use crate::support::{everywhere, pass};

const NO_TIME: &str = "0001-01-01T00:00:00.000000Z";

/// Parameters of every kind; their columns are name, type, mutable, default, options, regular
/// expression, min, max, monotonic, required, ephemeral, form type.
fn every_kind(scene: &Scene, version: &Version) {
    let options = r#"[{"name": "A", "value": "a"}, {"name": "B", "value": "b"}]"#;
    let rows = [
        "'choice', 'string', true, 'a', '[OPTIONS]', '', NULL, NULL, '', false, false, 'radio'",
        "'cpu', 'number', true, '2', 'null', '', 1, 8, '', false, false, ''",
        "'fixed', 'string', false, '', 'null', '', NULL, NULL, '', true, false, ''",
        "'flag', 'bool', true, 'false', '[]', '', NULL, NULL, '', false, false, ''",
        "'grow', 'number', true, '5', '[]', '', NULL, NULL, 'increasing', false, false, ''",
        "'list', 'list(string)', true, '[]', '[]', '', NULL, NULL, '', false, false, ''",
        "'many', 'list(string)', true, '[\"a\"]', '[OPTIONS]', '', NULL, NULL, '', false, false, \
         'multi-select'",
        "'name', 'string', true, 'x', '[]', '^[a-z]+$', NULL, NULL, '', false, false, ''",
        "'once', 'string', true, 'off', '[]', '', NULL, NULL, '', false, true, ''",
    ];
    for row in rows {
        let row = row.replace("[OPTIONS]", options);
        let id = &version.id;
        scene.execute(&format!(
            "INSERT INTO template_version_parameters (template_version_id, description, icon, name,
                type, mutable, default_value, options, validation_regex, validation_min,
                validation_max, validation_monotonic, required, ephemeral, form_type,
                validation_error)
             VALUES ('{id}', '', '', {row}, 'a rule')"
        ));
    }
}

/// A template in an organization of its own, with parameters of every kind, tags that depend on
/// them, and a preset; and one more preset that matches less.
fn template(scene: &Scene, desired: i64) -> (Version, String, String) {
    let version = scene.template("web");
    let organization = scene.organization("other");
    scene.execute(&format!(
        "UPDATE templates SET use_classic_parameter_flow = true;
         UPDATE templates SET organization_id = '{organization}';
         UPDATE template_versions SET organization_id = '{organization}';
         UPDATE provisioner_jobs SET organization_id = '{organization}'"
    ));
    every_kind(scene, &version);
    for (key, value) in [
        ("plain", "\"text\""),
        (
            "size",
            "data.coder_parameter.cpu.value > 2 ? \"large\" : \"small\"",
        ),
        ("flag", "data.coder_parameter.flag"),
        ("two", "1 + 1"),
        ("zone", "\"z-${data.coder_parameter.choice.value}\""),
    ] {
        let id = &version.id;
        scene.execute(&format!(
            "INSERT INTO template_version_workspace_tags (template_version_id, key, value)
             VALUES ('{id}', '{key}', '{value}')"
        ));
    }
    let preset = scene.preset(&version, "pool", desired);
    for (name, value) in [
        ("choice", "b"),
        ("cpu", "4"),
        ("fixed", "f"),
        ("flag", "true"),
        ("many", r#"["b", "a"]"#),
        ("name", "abc"),
        ("undeclared", "u"),
    ] {
        scene.preset_value(&preset, name, value);
    }
    let weaker = scene.preset(&version, "weaker", 0);
    scene.preset_value(&weaker, "choice", "b");
    (version, preset, organization)
}

const VALUES: [(&str, &str); 9] = [
    ("choice", "b"),
    ("cpu", "4"),
    ("fixed", "f"),
    ("flag", "true"),
    ("grow", "5"),
    ("list", "[]"),
    ("many", r#"["b", "a"]"#),
    ("name", "abc"),
    ("once", "off"),
];

fn tags() -> Value {
    json!({
        "scope": "organization", "owner": "", "zone": "z-b", "plain": "text", "size": "large",
        "flag": "true", "two": "2",
    })
}

#[test]
fn creates_are_as_coder_makes_them() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (version, preset, organization) = template(&scene, 2);
        let report = pass(database, &[]).json();
        let now = planned_at(&report);
        assert_eq!(report["created"], 2);
        let mut created = BTreeSet::new();
        for workspace in report["presets"][0]["created"].as_array().unwrap() {
            let workspace = workspace.as_str().unwrap();
            let row = record(database, "workspaces", &format!("id = '{workspace}'"));
            let name = row["name"].clone();
            // Each is a microsecond younger than the one before.
            let created_at = row["created_at"].clone();
            created.insert(created_at.clone());
            assert_record(
                row,
                &[
                    ("id", workspace),
                    ("created_at", &created_at),
                    ("updated_at", &created_at),
                    ("owner_id", PREBUILDS_USER),
                    ("organization_id", &organization),
                    ("template_id", &version.template),
                    ("deleted", "0"),
                    ("name", &name),
                    ("autostart_schedule", NULL),
                    ("ttl", NULL),
                    ("last_used_at", &created_at),
                    ("dormant_at", NULL),
                    ("deleting_at", NULL),
                    ("automatic_updates", "never"),
                    ("favorite", "0"),
                    ("next_start_at", NULL),
                    ("group_acl", "{}"),
                    ("user_acl", "{}"),
                ],
                &[],
            );
            assert_build(
                database,
                &Expected {
                    now: &now,
                    organization: &organization,
                    version: &version,
                    workspace,
                    number: "1",
                    transition: "start",
                    preset: &preset,
                    state: NO_STATE,
                    tags: tags(),
                    completed: None,
                    parameters: &VALUES,
                },
            );
        }
        assert_eq!(created.len(), 2);
        assert_eq!(created.first(), Some(&now));
    });
}

/// Gives a workspace's only build the values of a person's build, an ephemeral one among them.
fn give_values(scene: &Scene, workspace: &Workspace) {
    for (name, value) in VALUES.map(|(name, value)| match name {
        "once" => (name, "on"),
        "grow" => (name, "7"),
        _ => (name, value),
    }) {
        scene.execute(&format!(
            "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             VALUES ('{}', '{name}', '{value}')",
            workspace.build
        ));
    }
}

#[test]
fn deletes_are_as_coder_makes_them() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (version, preset, organization) = template(&scene, 0);
        // The last build names another preset than the one that matches best.
        let workspace = scene.prebuild(&version, &preset, Job::Succeeded, 60);
        give_values(&scene, &workspace);
        let before = record(database, "workspaces", "true");
        let report = pass(database, &[]).json();
        let now = planned_at(&report);
        assert_eq!(report["deleted"], 1);
        assert_eq!(record(database, "workspaces", "true"), before);
        // The values of the preset are all there but for the one that the version doesn't declare,
        // so that only the weaker preset matches the final values.
        let weaker = "SELECT id FROM template_version_presets WHERE name = 'weaker'";
        let parameters = VALUES.map(|(name, value)| match name {
            "grow" => (name, "7"),
            _ => (name, value),
        });
        assert_build(
            database,
            &Expected {
                now: &now,
                organization: &organization,
                version: &version,
                workspace: &workspace.id,
                number: "2",
                transition: "delete",
                preset: &database.value(weaker).unwrap(),
                state: STATE,
                tags: tags(),
                completed: None,
                parameters: &parameters,
            },
        );
    });
}

/// Whether the coderd of this database hands jobs to provisioners that were cancelled unstarted.
fn hands_out_cancelled_jobs(database: &Database) -> bool {
    database.migration().is_some_and(|last| last < 421)
}

#[test]
fn cancelled_builds_are_removed_as_coder_removes_them() {
    // What the daemon offers, and when it was seen; none: there is no daemon.
    let offered = tags().to_string();
    for (daemon, served) in [
        (None, false),
        (Some((offered.as_str(), 80)), true),
        (Some((offered.as_str(), 100)), false),
        (Some((TAGS, 0)), false),
    ] {
        everywhere(|database| {
            let scene = Scene::new(database);
            let (old, preset, organization) = template(&scene, 1);
            let new = scene.version(&old.template, "v2");
            scene.activate(&new);
            let workspace = scene.prebuild(&old, &preset, Job::Pending, 600);
            give_values(&scene, &workspace);
            if let Some((tags, seen)) = daemon {
                scene.daemon(tags, seen);
                scene.execute(&format!(
                    "UPDATE provisioner_daemons SET organization_id = '{organization}'"
                ));
            }
            let job_of = format!("id = '{}'", workspace.job);
            let mut job = record(database, "provisioner_jobs", &job_of);
            let mut row = record(database, "workspaces", "true");
            let report = pass(database, &[]).json();
            let now = planned_at(&report);
            assert_eq!(report["cancelled"], 1);

            job.insert("canceled_at".into(), now.clone());
            job.insert("completed_at".into(), now.clone());
            job.insert("job_status".into(), "canceled".into());
            if hands_out_cancelled_jobs(database) {
                job.insert("started_at".into(), now.clone());
            }
            assert_eq!(record(database, "provisioner_jobs", &job_of), job);
            if !served {
                row.insert("deleted".into(), "1".into());
            }
            assert_eq!(record(database, "workspaces", "true"), row, "{daemon:?}");
            let weaker = "SELECT id FROM template_version_presets WHERE name = 'weaker'";
            assert_build(
                database,
                &Expected {
                    now: &now,
                    organization: &organization,
                    version: &old,
                    workspace: &workspace.id,
                    number: "2",
                    transition: "delete",
                    preset: &database.value(weaker).unwrap(),
                    state: NO_STATE,
                    tags: tags(),
                    completed: (!served).then_some(now.as_str()),
                    parameters: &VALUES.map(|(name, value)| match name {
                        "grow" => (name, "7"),
                        _ => (name, value),
                    }),
                },
            );
        });
    }
}

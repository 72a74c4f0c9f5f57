//! Clean-ups: what is selected, what is written for it, and what is never touched.

mod crowds;
mod others;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, PREBUILDS_USER, STATE, Scene, TAGS, Version, Workspace, id};
use crate::support::{everywhere, pass};

pub const DELETES: &str = "SELECT count(*) FROM workspace_builds WHERE transition = 'delete'";

pub fn cleanup(database: &Database, arguments: &[&str]) -> Output {
    let command = ["cleanup", "--format", "json"];
    prebuildctl(command.iter().chain(arguments))
        .on(database)
        .run()
}

/// Ids of the workspaces of a report, in its order.
fn ids(report: &Value) -> Vec<String> {
    let workspaces = report["workspaces"].as_array().unwrap().iter();
    workspaces
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect()
}

pub fn counts(report: &Value) -> [i64; 4] {
    ["queued", "deleted", "lost_races", "failed"].map(|key| report[key].as_i64().unwrap())
}

/// One more build of a workspace, as an operator or a pass would have made it.
fn build(scene: &Scene, version: &Version, of: &Workspace, transition: &str, job: &str, age: i64) {
    let (build, job_id, then) = (id(), id(), scene.ago(age));
    let times = match job {
        "pending" => "NULL, NULL, NULL, NULL".to_owned(),
        "running" => format!("'{then}', NULL, NULL, NULL"),
        "canceling" => format!("'{then}', '{then}', NULL, NULL"),
        "canceled" => format!("'{then}', '{then}', '{then}', NULL"),
        "failed" => format!("'{then}', NULL, '{then}', 'no more disks'"),
        _ => format!("'{then}', NULL, '{then}', NULL"),
    };
    scene.execute(&format!(
        "INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at, canceled_at,
            completed_at, error, organization_id, initiator_id, provisioner, storage_method, type,
            input, file_id, tags)
         VALUES ('{job_id}', '{then}', '{then}', {times}, '{}', '{PREBUILDS_USER}', 'terraform',
            'file', 'workspace_build', '{{}}', '{job_id}', '{TAGS}');
         INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
            template_version_id, build_number, transition, initiator_id, job_id)
         SELECT '{build}', '{then}', '{then}', '{}', '{}', count(*) + 1, '{transition}',
            '{PREBUILDS_USER}', '{job_id}'
         FROM workspace_builds WHERE workspace_id = '{}'",
        scene.organization, of.id, version.id, of.id
    ));
}

/// A prebuilt workspace in every state, by the name of the state.
fn menagerie(scene: &Scene) -> BTreeMap<&'static str, String> {
    let web = scene.template("web");
    let pool = scene.preset(&web, "pool", 1);
    let bare = scene.preset(&web, "bare", 1);
    scene.execute(&format!(
        "UPDATE template_version_presets SET desired_instances = NULL WHERE id = '{bare}'"
    ));
    let mut all = BTreeMap::new();
    let mut age = 7200;
    let mut add = |name, preset: &str, job, builds: &[(&str, &str)]| {
        let workspace = scene.prebuild(&web, preset, job, age);
        for (transition, outcome) in builds {
            build(scene, &web, &workspace, transition, outcome, age);
        }
        age -= 300;
        all.insert(name, workspace.id);
    };
    add("failed", &pool, Job::Failed, &[]);
    add("failed_stop", &pool, Job::Succeeded, &[("stop", "failed")]);
    add("stopped", &pool, Job::Succeeded, &[("stop", "succeeded")]);
    add("cancelled", &pool, Job::Failed, &[("start", "canceled")]);
    add("failed_delete", &pool, Job::Failed, &[("delete", "failed")]);
    add(
        "cancelled_delete",
        &pool,
        Job::Failed,
        &[("delete", "canceled")],
    );
    add("not_gone", &pool, Job::Failed, &[("delete", "succeeded")]);
    add("unbuilt", &pool, Job::Failed, &[]);
    add("stuck", &pool, Job::Succeeded, &[]);
    add("without_pool", &bare, Job::Succeeded, &[]);
    add("failed_without_pool", &bare, Job::Failed, &[]);
    add("running", &pool, Job::Succeeded, &[]);
    add("starting", &pool, Job::Running, &[]);
    add("queued", &pool, Job::Pending, &[]);
    add("deleting", &pool, Job::Failed, &[("delete", "pending")]);
    add(
        "being_cancelled",
        &pool,
        Job::Failed,
        &[("start", "canceling")],
    );
    scene.execute(&format!(
        "DELETE FROM workspace_builds WHERE workspace_id = '{}';
         UPDATE workspace_agents SET lifecycle_state = 'starting' WHERE resource_id =
            (SELECT job_id FROM workspace_builds WHERE workspace_id = '{}')",
        all["unbuilt"], all["stuck"]
    ));
    scene.of_person(&web, &pool, Job::Failed, 7200);
    all
}

#[test]
fn every_state_selects_its_own_and_a_listing_changes_nothing() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let all = menagerie(&scene);
        let before = database.dump();
        let leftovers = [
            "failed",
            "failed_stop",
            "stopped",
            "cancelled",
            "failed_delete",
            "cancelled_delete",
            "not_gone",
            "unbuilt",
            "failed_without_pool",
        ];
        let check = |arguments: &[&str], names: &[&str]| {
            let report = cleanup(database, arguments).json();
            let expected: Vec<&String> = names.iter().map(|name| &all[name]).collect();
            assert_eq!(
                ids(&report).iter().collect::<Vec<_>>(),
                expected,
                "{arguments:?}"
            );
            assert_eq!(counts(&report), [0; 4]);
            assert_eq!(report["dry_run"], true);
        };
        check(&[], &leftovers);
        let states: [(&str, &[&str]); 7] = [
            ("failed", &["failed", "failed_stop", "failed_without_pool"]),
            ("stopped", &["stopped"]),
            ("cancelled", &["cancelled"]),
            ("without-build", &["unbuilt"]),
            (
                "failed-delete",
                &["failed_delete", "cancelled_delete", "not_gone"],
            ),
            ("stuck-agents", &["stuck"]),
            ("without-preset", &["without_pool", "failed_without_pool"]),
        ];
        for (state, names) in states {
            check(&["--state", state], names);
        }
        check(
            &["--state", "stopped", "--state", "stuck-agents"],
            &["stopped", "stuck"],
        );
        // Made 120, 115, 110 minutes ago; built last at the same time.
        check(&["--older-than", "112m30s"], &leftovers[..2]);
        check(&["--state", "stuck-agents", "--older-than", "3h"], &[]);
        check(&["--preset", "bare"], &["failed_without_pool"]);
        check(
            &["--template", "acme/web", "--state", "stopped"],
            &["stopped"],
        );
        for unknown in ["--preset=none", "--template=none", "--organization=none"] {
            let output = cleanup(database, &[unknown]);
            output.expect_code(1);
            assert!(output.stderr.contains("names nothing"), "{output:?}");
        }

        let table = prebuildctl(["cleanup"]).on(database).run();
        let text = table.ok();
        assert!(text.contains("9 workspaces; nothing was changed"), "{text}");
        assert!(text.contains("no more disks"), "{text}");
        assert!(before == database.dump());
    });
}

#[test]
fn deleted_are_the_listed_and_nothing_else() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let all = menagerie(&scene);
        let others = |database: &Database| {
            let known: Vec<&str> = all
                .iter()
                .filter(|(name, _)| {
                    [
                        "stuck",
                        "without_pool",
                        "running",
                        "starting",
                        "queued",
                        "deleting",
                    ]
                    .contains(*name)
                })
                .map(|(_, id)| id.as_str())
                .collect();
            let known = known.join("', '");
            database.rows(&format!(
                "SELECT * FROM workspace_builds WHERE workspace_id IN ('{known}') ORDER BY id"
            ))
        };
        let before = others(database);
        let listed = ids(&cleanup(database, &[]).json());
        let report = cleanup(database, &["--yes"]).json();
        assert_eq!(ids(&report), listed);
        // Nobody is there to run the job of the one without a build: it is done at once.
        assert_eq!(counts(&report), [8, 1, 0, 0]);
        assert_eq!(database.count(DELETES), 4 + 9);
        assert!(before == others(database));
        assert_eq!(ids(&cleanup(database, &[]).json()), Vec::<String>::new());
        // Paused or not.
        scene.execute(
            r#"INSERT INTO site_configs (key, value)
               VALUES ('prebuilds_settings', '{"reconciliation_paused": true}')"#,
        );
        let table = prebuildctl(["cleanup", "--yes", "--state", "without-preset"])
            .on(database)
            .run();
        let text = table.ok();
        assert!(
            text.contains("1 workspace: 1 queued for deletion"),
            "{text}"
        );
        assert!(text.contains("paused"), "{text}");
        scene.finish_builds();
        let gone = "SELECT count(*) FROM workspaces WHERE deleted";
        assert_eq!(database.count(gone), 11);
    });
}

#[test]
fn a_delete_has_the_rows_of_a_pass() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.parameter(&web, "region", Some("us"));
        let pool = scene.preset(&web, "pool", 0);
        scene.preset_value(&pool, "region", "eu");
        let failed = scene.prebuild(&web, &pool, Job::Failed, 600);
        let running = scene.prebuild(&web, &pool, Job::Succeeded, 600);
        for workspace in [&failed, &running] {
            scene.execute(&format!(
                "INSERT INTO workspace_build_parameters VALUES ('{}', 'region', 'eu')",
                workspace.build
            ));
        }
        cleanup(database, &["--yes"]).ok();
        pass(database, &[]).ok();
        let rows = |workspace: &Workspace| {
            let row = database.row(&format!(
                "SELECT b.template_version_id, b.build_number, b.transition, b.initiator_id,
                    b.provisioner_state, b.deadline, b.max_deadline, b.reason,
                    b.template_version_preset_id, j.organization_id, j.initiator_id, j.provisioner,
                    j.storage_method, j.file_id, j.type, j.tags, j.trace_metadata, j.started_at,
                    j.canceled_at, j.completed_at, j.error, j.worker_id, j.job_status,
                    p.name, p.value
                 FROM workspace_builds AS b JOIN provisioner_jobs AS j ON j.id = b.job_id
                 JOIN workspace_build_parameters AS p ON p.workspace_build_id = b.id
                 WHERE b.workspace_id = '{}' AND b.transition = 'delete'",
                workspace.id
            ));
            let input = database.value(&format!(
                "SELECT j.input FROM workspace_builds AS b
                 JOIN provisioner_jobs AS j ON j.id = b.job_id
                 WHERE b.workspace_id = '{}' AND b.transition = 'delete'",
                workspace.id
            ));
            let mut input: Value = serde_json::from_str(&input.unwrap()).unwrap();
            let build = input["workspace_build_id"].take();
            (row, input, build.as_str().unwrap().len())
        };
        let cleaned = rows(&failed);
        assert_eq!(cleaned, rows(&running));
        assert_eq!(cleaned.0[1..5], ["2", "delete", PREBUILDS_USER, STATE]);
        assert_eq!(cleaned.0[8], pool);
        assert_eq!(cleaned.0[22], "pending");
    });
}

#[test]
fn orphans_carry_no_state_and_are_done_at_once_where_nobody_would_do_it() {
    for alive in [false, true] {
        everywhere(|database| {
            let scene = Scene::new(database);
            let web = scene.template("web");
            let pool = scene.preset(&web, "pool", 0);
            let failed = scene.prebuild(&web, &pool, Job::Failed, 600);
            scene.daemon(TAGS, if alive { 10 } else { 100 });
            let report = cleanup(database, &["--yes", "--orphan"]).json();
            let row = database.row(&format!(
                "SELECT w.deleted, length(b.provisioner_state), j.job_status, b.build_number
                 FROM workspaces AS w JOIN workspace_builds AS b ON b.workspace_id = w.id
                 JOIN provisioner_jobs AS j ON j.id = b.job_id
                 WHERE w.id = '{}' AND b.transition = 'delete'",
                failed.id
            ));
            let expected = if alive {
                ([1, 0, 0, 0], ["0", "0", "pending", "2"])
            } else {
                ([0, 1, 0, 0], ["1", "0", "succeeded", "2"])
            };
            assert_eq!(counts(&report), expected.0);
            assert_eq!(row, expected.1);
        });
    }
}

#[test]
fn an_orphan_that_is_done_at_once_takes_its_agents_with_it() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 1);
        scene.prebuild(&web, &pool, Job::Succeeded, 7200);
        database.execute("UPDATE workspace_agents SET lifecycle_state = 'starting'");
        let agents = "SELECT count(*) FROM workspace_agents WHERE NOT deleted";
        assert_eq!(database.count(agents), 1);
        let stuck = ["--yes", "--orphan", "--state=stuck-agents"];
        let report = cleanup(database, &stuck).json();
        assert_eq!(counts(&report), [0, 1, 0, 0]);
        assert_eq!(database.count(agents), 0);
    });
}

#[test]
fn a_workspace_without_a_build_gets_its_first_and_last() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        // Nothing has a value for it, and nothing needs one.
        scene.parameter(&web, "region", None);
        let pool = scene.preset(&web, "pool", 1);
        let unbuilt = scene.prebuild(&web, &pool, Job::Failed, 600);
        scene.execute(&format!(
            "DELETE FROM workspace_builds WHERE id = '{}'",
            unbuilt.build
        ));
        assert_eq!(counts(&cleanup(database, &["--yes"]).json()), [0, 1, 0, 0]);
        let row = database.row(&format!(
            "SELECT w.deleted, b.build_number, b.transition, b.template_version_id, j.job_status
             FROM workspaces AS w JOIN workspace_builds AS b ON b.workspace_id = w.id
             JOIN provisioner_jobs AS j ON j.id = b.job_id WHERE w.id = '{}'",
            unbuilt.id
        ));
        assert_eq!(row, ["1", "1", "delete", web.id.as_str(), "succeeded"]);
    });
}

#[test]
fn what_can_not_be_built_fails_alone() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (web, bad) = (scene.template("web"), scene.template("bad"));
        let good = scene.prebuild(&web, &scene.preset(&web, "pool", 0), Job::Failed, 600);
        let broken = scene.prebuild(&bad, &scene.preset(&bad, "pool", 0), Job::Failed, 500);
        scene.execute(&format!(
            "UPDATE provisioner_jobs SET error = 'syntax' WHERE id = '{}'",
            bad.import_job
        ));
        let output = cleanup(database, &["--yes"]);
        output.expect_code(3);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(ids(&report), [good.id, broken.id]);
        assert_eq!(counts(&report), [1, 0, 0, 1]);
        let problem = report["workspaces"][1]["problem"].as_str().unwrap();
        assert!(problem.contains("import"), "{problem}");
        cleanup(database, &["--yes"]).expect_code(1);
    });
}

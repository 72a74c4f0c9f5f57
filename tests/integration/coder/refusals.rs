//! What is not built: what Coder would refuse, stored as its status, and what only coderd can tell.

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene, Version};
use crate::support::{Coder, WITHOUT_FAILED_VALIDATION, coder, coder_releases, everywhere, pass};

const STATUS: &str = "SELECT DISTINCT prebuild_status FROM template_version_presets";

/// A template whose only preset wants one workspace, in a flow.
fn scene(database: &Database, classic: bool) -> (Scene, Version) {
    let scene = Scene::new(database);
    let version = scene.template("web");
    scene.preset(&version, "pool", 1);
    scene.execute(&format!(
        "UPDATE templates SET use_classic_parameter_flow = {classic}"
    ));
    (scene, version)
}

fn tag(scene: &Scene, version: &Version, expression: &str) {
    scene.execute(&format!(
        "INSERT INTO template_version_workspace_tags (template_version_id, key, value)
         VALUES ('{}', 'queue', '{expression}')",
        version.id
    ));
}

/// Runs a pass that creates nothing; the error of its only preset and the status stored. What the
/// pass says, plan and doctor have said before.
#[track_caller]
fn refused(database: &Database) -> (String, String) {
    let plan = prebuildctl(["plan"]).on(database).run();
    plan.ok();
    let doctor = prebuildctl(["doctor"]).on(database).run();
    assert_eq!(doctor.code, 1, "{doctor:?}");
    let output = pass(database, &[]);
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["created"], 0, "{output:?}");
    assert_eq!(database.count("SELECT count(*) FROM workspaces"), 0);
    let error = report["presets"][0]["error"].as_str().unwrap().to_owned();
    let problem = error.trim_start_matches("can't create: ");
    let problem = problem.split("; this could not").next().unwrap();
    assert!(plan.stderr.contains(problem), "{problem}: {plan:?}");
    assert!(doctor.stdout.contains("builds"), "{}", doctor.stdout);
    (error, database.value(STATUS).unwrap())
}

#[test]
fn what_coder_refuses_is_stored() {
    everywhere(|database| {
        let (scene, version) = scene(database, true);
        scene.parameter(&version, "region", None);
        let (error, stored) = refused(database);
        assert!(error.contains("\"region\""), "{error}");
        assert_eq!(stored, "validation_failed");
    });
    everywhere(|database| {
        let (scene, version) = scene(database, true);
        tag(&scene, &version, "local.queue");
        let (error, stored) = refused(database);
        assert!(error.contains("\"queue\""), "{error}");
        assert_eq!(stored, "validation_failed");
    });
}

#[test]
fn a_dynamic_template_that_left_nothing_to_render_is_judged_by_its_rows() {
    everywhere(|database| {
        let (scene, version) = scene(database, false);
        scene.parameter(&version, "switch", None);
        database.execute("UPDATE template_version_parameters SET type = 'bool'");
        let (error, stored) = refused(database);
        assert!(error.contains("\"switch\""), "{error}");
        assert_eq!(stored, "validation_failed");
    });
    // A text without a value is the empty text, and tags are not looked at.
    everywhere(|database| {
        let (scene, version) = scene(database, false);
        scene.parameter(&version, "region", None);
        tag(&scene, &version, "local.queue");
        assert_eq!(pass(database, &[]).json()["created"], 1);
        let value = "SELECT value FROM workspace_build_parameters WHERE name = 'region'";
        assert_eq!(database.value(value).unwrap(), "");
    });
}

#[test]
fn what_only_coderd_can_work_out_is_refused_and_not_stored() {
    everywhere(|database| {
        let (scene, version) = scene(database, true);
        tag(&scene, &version, "timestamp()");
        let (error, stored) = refused(database);
        assert!(error.contains("only coderd"), "{error}");
        assert_eq!(stored, "healthy");
    });
}

#[test]
fn variables_come_from_their_table_where_there_is_one() {
    for (_, database) in coder_releases() {
        let (scene, version) = scene(&database, true);
        database.execute("ALTER TABLE template_version_variables RENAME TO elsewhere");
        tag(&scene, &version, "var.queue");
        let (error, stored) = refused(&database);
        assert!(error.contains("a variable"), "{error}");
        assert_eq!(stored, "healthy");

        let id = &version.id;
        scene.execute(&format!(
            "ALTER TABLE elsewhere RENAME TO template_version_variables;
         INSERT INTO template_version_variables
         VALUES ('{id}', 'queue', '', 'string', '', 'by default', false, false)"
        ));
        assert_eq!(pass(&database, &[]).json()["created"], 1);
        let queue = "SELECT tags ->> 'queue' FROM provisioner_jobs WHERE type = 'workspace_build'";
        assert_eq!(database.value(queue).unwrap(), "by default");
    }
}

#[test]
fn legacy_parameters_fail_starts_but_not_deletes() {
    for (_, database) in coder_releases() {
        let (scene, version) = scene(&database, false);
        scene.execute(&format!(
        "INSERT INTO parameter_schemas (id, created_at, job_id, name, default_source_scheme,
            default_source_value, allow_override_source, default_destination_scheme,
            allow_override_destination, default_refresh, redisplay_value, validation_error,
            validation_condition, validation_type_system, validation_value_type, index)
         VALUES ('{id}', now(), '{id}', 'region', 'none', '', false, 'none', false, '', false, '', '',
            'none', '', 0)",
        id = version.import_job
    ));
        let (error, stored) = refused(&database);
        assert!(error.contains("legacy parameters"), "{error}");
        assert_eq!(stored, "validation_failed");
        let preset = database
            .value("SELECT id FROM template_version_presets")
            .unwrap();
        scene.prebuild(&version, &preset, Job::Succeeded, 60);
        database.execute("UPDATE template_version_presets SET desired_instances = 0");
        assert_eq!(pass(&database, &[]).json()["deleted"], 1);
    }
}

#[test]
fn a_preset_with_two_values_for_a_parameter_is_left_to_coderd() {
    everywhere(|database| {
        let (scene, version) = scene(database, true);
        scene.parameter(&version, "region", None);
        let preset = database
            .value("SELECT id FROM template_version_presets")
            .unwrap();
        scene.preset_value(&preset, "region", "eu");
        scene.preset_value(&preset, "region", "us");
        let (error, stored) = refused(database);
        assert!(error.contains("two values"), "{error}");
        assert_eq!(stored, "healthy");
    });
}

#[test]
fn an_older_release_gets_reports_in_place_of_the_status() {
    let Some(database) = coder(Coder::At343) else {
        return;
    };
    database.execute(WITHOUT_FAILED_VALIDATION);
    let (scene, version) = scene(&database, true);
    scene.parameter(&version, "region", None);
    for _ in 0..2 {
        let (error, stored) = refused(&database);
        assert!(error.contains("could not be stored"), "{error}");
        assert_eq!(stored, "healthy");
    }
}

#[test]
fn a_failed_validation_is_shown_with_what_to_do() {
    everywhere(|database| {
        let (scene, version) = scene(database, true);
        scene.parameter(&version, "region", None);
        refused(database);
        for command in ["snapshot", "plan"] {
            let output = prebuildctl([command]).on(database).run();
            let text = output.ok().split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(text.contains("validation failed"), "{text}");
        }
        let plan = prebuildctl(["plan", "--format=json"])
            .on(database)
            .run()
            .json();
        let reason = plan["presets"][0]["reason"].as_str().unwrap();
        assert!(reason.contains("new template version"), "{reason}");
    });
}

#[test]
fn a_version_that_can_not_be_read_keeps_no_other_from_its_pass() {
    everywhere(|database| {
        let (scene, version) = scene(database, true);
        scene.parameter(&version, "region", Some("eu"));
        scene.execute(&format!(
            "UPDATE template_version_parameters SET options = '[3]'
             WHERE template_version_id = '{}'",
            version.id
        ));
        let other = scene.template("docs");
        scene.preset(&other, "pool", 1);
        let output = pass(database, &[]);
        assert_eq!(output.code, 3, "{output:?}");
        let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(report["created"], 1);
        let errors: Vec<&str> = report["presets"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|preset| preset["error"].as_str())
            .collect();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].contains("template_version_parameters.options"),
            "{errors:?}"
        );
        assert_eq!(database.value(STATUS).unwrap(), "healthy");
    });
}

#[test]
fn a_workspace_that_can_not_be_deleted_keeps_no_other() {
    everywhere(|database| {
        let (scene, version) = scene(database, true);
        scene.parameter(&version, "size", Some("small"));
        scene.execute(&format!(
            r#"UPDATE template_version_parameters SET options = '[{{"name": "S", "value": "small"}}]'
             WHERE template_version_id = '{}'"#,
            version.id
        ));
        let preset = database
            .value("SELECT id FROM template_version_presets")
            .unwrap();
        let stuck = scene.prebuild(&version, &preset, Job::Succeeded, 7200);
        let gone = scene.prebuild(&version, &preset, Job::Succeeded, 3600);
        scene.execute(&format!(
            "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             VALUES ('{}', 'size', 'of another time')",
            stuck.build
        ));
        database.execute("UPDATE template_version_presets SET desired_instances = 0");
        let output = pass(database, &[]);
        assert_eq!(output.code, 3, "{output:?}");
        let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let entry = &report["presets"][0];
        assert_eq!(entry["deleted"], serde_json::json!([gone.id]));
        assert_eq!(report["lost_races"], 0);
        let error = entry["error"].as_str().unwrap();
        assert!(error.contains(&stuck.id), "{error}");
        assert!(error.contains("\"size\""), "{error}");
    });
}

#[test]
fn a_release_without_schedules_is_called_too_old() {
    let Some(database) = coder(Coder::At343) else {
        return;
    };
    database.execute("DROP TABLE template_version_preset_prebuild_schedules CASCADE");
    for command in ["snapshot", "reconcile-once"] {
        let output = prebuildctl([command]).on(&database).run();
        output.expect_code(6);
        for part in [
            "Coder 2.22 or 2.23, which is too old",
            "no schedules",
            "2.24 or later",
        ] {
            assert!(output.stderr.contains(part), "no {part:?} in {output:?}");
        }
    }
    database.execute("ALTER TABLE template_version_presets DROP COLUMN desired_instances CASCADE");
    let output = prebuildctl(["snapshot"]).on(&database).run();
    output.expect_code(1);
    assert!(
        output.stderr.contains("older than prebuilt workspaces"),
        "{output:?}"
    );
}

#[test]
fn workspaces_with_encrypted_values_are_passed_over_and_the_others_are_not() {
    for (_, database) in coder_releases() {
        let (scene, version) = scene(&database, false);
        let preset = "SELECT id FROM template_version_presets";
        let preset = database.value(preset).unwrap();
        let encrypted = scene.prebuild(&version, &preset, Job::Succeeded, 900);
        let next = scene.prebuild(&version, &preset, Job::Succeeded, 800);
        let surplus = scene.prebuild(&version, &preset, Job::Succeeded, 700);
        scene.execute(&format!(
            "ALTER TABLE workspace_build_parameters ADD COLUMN value_key_id text;
         INSERT INTO workspace_build_parameters (workspace_build_id, name, value, value_key_id)
         VALUES ('{}', 'size', 'c2VjcmV0', '1');
         UPDATE template_version_presets SET desired_instances = 0",
            encrypted.build
        ));
        let doctor = prebuildctl(["doctor"]).on(&database).run();
        assert!(doctor.stdout.contains("encrypted by Coder"), "{doctor:?}");
        let claim = |name: &str| {
            let command = ["claim", "--preset=pool", "--user=ann", "--name", name];
            prebuildctl(command).on(&database).run()
        };
        claim("box").ok();
        let of_ann = "SELECT id FROM workspaces WHERE name = 'box'";
        assert_eq!(database.value(of_ann).unwrap(), next.id);

        let plan = prebuildctl(["plan"]).on(&database).run();
        assert!(plan.stderr.contains("encrypted by Coder"), "{plan:?}");
        let output = pass(&database, &[]);
        output.expect_code(3);
        let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(report["deleted"], 1);
        assert_eq!(report["presets"][0]["deleted"][0], surplus.id.as_str());
        let error = report["presets"][0]["error"].as_str().unwrap();
        assert!(error.contains("encrypted by Coder"), "{error}");
        let output = claim("bag");
        output.expect_code(1);
        assert!(output.stderr.contains("encrypted by Coder"), "{output:?}");
        let builds = "SELECT count(*) FROM workspace_builds";
        assert_eq!(database.count(builds), 5);
        database.execute("UPDATE workspace_build_parameters SET value_key_id = NULL");
        assert_eq!(pass(&database, &[]).json()["deleted"], 1);
    }
}

#[test]
fn a_job_whose_values_are_encrypted_keeps_no_other_from_being_cancelled() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let (scene, version) = scene(&database, false);
    let preset = "SELECT id FROM template_version_presets";
    let preset = database.value(preset).unwrap();
    let encrypted = scene.prebuild(&version, &preset, Job::Pending, 90);
    let other = scene.prebuild(&version, &preset, Job::Pending, 80);
    scene.execute(&format!(
        "ALTER TABLE workspace_build_parameters ADD COLUMN value_key_id text;
         INSERT INTO workspace_build_parameters (workspace_build_id, name, value, value_key_id)
         VALUES ('{}', 'size', 'c2VjcmV0', '1')",
        encrypted.build
    ));
    scene.activate(&scene.version(&version.template, "v2"));
    let output = pass(&database, &[]);
    output.expect_code(3);
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(report["presets"][0]["cancelled"][0], other.job.as_str());
    assert_eq!(report["cancelled"], 1);
    let error = report["presets"][0]["error"].as_str().unwrap();
    let named = format!("can't cancel job {}: ", encrypted.job);
    assert!(
        error.starts_with(&named) && error.contains("encrypted by Coder"),
        "{error}"
    );
    let pending = format!(
        "SELECT count(*) FROM provisioner_jobs WHERE id = '{}' AND job_status = 'pending'",
        encrypted.job
    );
    assert_eq!(database.count(&pending), 1);
}

//! Presets that are given up, put off or can't be built, and reconciliation that is paused.

use serde_json::json;

use crate::support::process::{Output, prebuildctl};
use crate::support::report::{counts, ids, json_of};
use crate::support::scene::{Job, Scene};
use crate::support::service::WORKSPACES;
use crate::support::{Coder, WITHOUT_FAILED_VALIDATION, coder, everywhere, pass};

#[test]
fn nothing_is_written_while_reconciliation_is_paused() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        scene.preset(&version, "pool", 3);
        database.execute(
            r#"INSERT INTO site_configs (key, value)
               VALUES ('prebuilds_settings', '{"reconciliation_paused": true}')"#,
        );
        let before = database.dump();
        let report = pass(database, &["--max-create=0"]).json();
        assert_eq!(report["outcome"], "paused");
        assert_eq!(counts(&report), [0; 5]);
        assert!(before == database.dump());

        let plan = prebuildctl(["plan", "--format=json"])
            .on(database)
            .run()
            .json();
        assert_eq!(plan["reconciliation_paused"], true);
        assert_eq!(plan["has_changes"], false);
        assert_eq!(plan["summary"]["create"], 3);
    });
}

#[test]
fn a_preset_whose_builds_keep_failing_is_given_up_but_expired_workspaces_go() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "pool", 4);
        database.execute("UPDATE template_version_presets SET invalidate_after_secs = 86400");
        // Older than the look-back, so that no back-off is in the way.
        for age in [7200, 7300, 7400] {
            scene.prebuild(&version, &preset, Job::Failed, age);
        }
        let expired = scene.prebuild(&version, &preset, Job::Succeeded, 100_000);
        let status = "SELECT prebuild_status FROM template_version_presets";
        prebuildctl(["snapshot"]).on(database).run().ok();
        assert_eq!(database.value(status).unwrap(), "healthy");

        let report = pass(database, &[]).json();
        assert_eq!(counts(&report), [0, 1, 0, 0, 0]);
        assert_eq!(ids(&report["presets"][0]["deleted"]), [expired.id.as_str()]);
        assert_eq!(database.value(status).unwrap(), "hard_limited");
        // Without the limit, in the snapshot or on the preset, it goes on.
        database.execute("UPDATE template_version_presets SET prebuild_status = 'healthy'");
        let report = pass(database, &["--failure-hard-limit=0"]).json();
        assert_eq!(counts(&report)[0], 4);
        assert_eq!(database.value(status).unwrap(), "healthy");
    });
}

#[test]
fn a_preset_out_of_use_of_which_nothing_is_left_is_not_given_up() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "pool", 1);
        for age in [7200, 7300, 7400] {
            scene.prebuild(&version, &preset, Job::Failed, age);
        }
        database.execute("UPDATE templates SET deprecated = 'use another'");
        let status = "SELECT prebuild_status FROM template_version_presets";
        pass(database, &[]).ok();
        assert_eq!(database.value(status).unwrap(), "healthy");
        scene.prebuild(&version, &preset, Job::Succeeded, 8000);
        pass(database, &[]).ok();
        assert_eq!(database.value(status).unwrap(), "hard_limited");
    });
}

#[test]
fn a_pending_build_of_a_workspace_with_another_owner_is_said_and_left_alone() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let preset = scene.preset(&web, "pool", 1);
        let taken = scene.prebuild(&web, &preset, Job::Pending, 60);
        database.execute(&format!(
            "UPDATE workspaces SET owner_id = '{}' WHERE id = '{}'",
            scene.person, taken.id
        ));
        scene.activate(&scene.version(&web.template, "v2"));
        let plan = prebuildctl(["plan", "--detailed-exitcode"])
            .on(database)
            .run();
        plan.expect_code(0);
        let said = "not cancelled, since their workspaces have another owner by now: 1";
        assert!(plan.stdout.contains(said), "{}", plan.stdout);
        let report = pass(database, &[]).json();
        assert_eq!(counts(&report), [0; 5]);
        // Another one of the same preset is cancelled all the same.
        scene.prebuild(&web, &preset, Job::Pending, 60);
        prebuildctl(["plan", "--detailed-exitcode"])
            .on(database)
            .run()
            .expect_code(2);
        let report = pass(database, &[]).json();
        assert_eq!(
            (&report["cancelled"], &report["lost_races"]),
            (&json!(1), &json!(0))
        );
        prebuildctl(["plan", "--detailed-exitcode"])
            .on(database)
            .run()
            .expect_code(0);
    });
}

#[test]
fn recent_failures_put_a_preset_off() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "pool", 2);
        scene.prebuild(&version, &preset, Job::Failed, 60);
        let report = pass(database, &["--backoff-interval=10m"]).json();
        assert_eq!(report["outcome"], "nothing_to_do");
        assert_eq!(report["presets"], json!([]));
        let report = pass(database, &["--backoff-interval=10s"]).json();
        assert_eq!(report["created"], 2);
    });
}

#[test]
fn a_preset_that_can_not_be_built_is_marked_and_expired_workspaces_go_all_the_same() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        database.execute("UPDATE templates SET use_classic_parameter_flow = true");
        scene.parameter(&version, "region", None);
        let preset = scene.preset(&version, "pool", 2);
        database.execute("UPDATE template_version_presets SET invalidate_after_secs = 60");
        let expired = scene.prebuild(&version, &preset, Job::Succeeded, 3600);
        database.execute(&format!(
            "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             VALUES ('{}', 'region', 'eu')",
            expired.build
        ));

        let output = pass(database, &[]);
        let report = json_of(&output.stdout);
        assert_eq!(ids(&report["presets"][0]["deleted"]), [expired.id.as_str()]);
        assert_eq!(report["created"], 0);
        let error = report["presets"][0]["error"].as_str().unwrap();
        assert!(error.contains("region"), "{error}");
        let status = database.value("SELECT prebuild_status FROM template_version_presets");
        assert_eq!(status.unwrap(), "validation_failed");
        assert_eq!(database.count(WORKSPACES), 1);

        // From now on the create is blocked, which is no failure.
        let report = pass(database, &[]).json();
        assert_eq!(report["outcome"], "nothing_to_do");
    });
}

#[test]
fn a_version_that_failed_to_import_marks_its_presets_and_one_under_way_does_not() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let broken = scene.template("broken");
        let early = scene.template("early");
        scene.preset(&broken, "a", 1);
        scene.preset(&early, "b", 1);
        database.execute(&format!(
            "UPDATE provisioner_jobs SET error = 'no' WHERE id = '{}';
             UPDATE provisioner_jobs SET completed_at = NULL WHERE id = '{}'",
            broken.import_job, early.import_job
        ));
        let output = pass(database, &[]);
        output.expect_code(1);
        let report = json_of(&output.stdout);
        assert_eq!(report["outcome"], "partial");
        assert_eq!(counts(&report), [0; 5]);
        let status = "SELECT prebuild_status FROM template_version_presets ORDER BY name";
        assert_eq!(database.column(status), ["validation_failed", "healthy"]);
        assert_eq!(database.count(WORKSPACES), 0);
    });
}

#[test]
fn a_release_that_lacks_the_status_still_gets_the_error() {
    let Some(database) = coder(Coder::Older) else {
        return;
    };
    database.execute(WITHOUT_FAILED_VALIDATION);
    let scene = Scene::new(&database);
    let broken = scene.template("broken");
    scene.preset(&broken, "a", 1);
    let sound = scene.template("sound");
    scene.preset(&sound, "b", 1);
    database.execute(&format!(
        "UPDATE provisioner_jobs SET error = 'no' WHERE id = '{}'",
        broken.import_job
    ));
    let output: Output = pass(&database, &[]);
    output.expect_code(3);
    assert_eq!(counts(&json_of(&output.stdout)), [1, 0, 0, 0, 0]);
    let status = "SELECT DISTINCT prebuild_status FROM template_version_presets";
    assert_eq!(database.column(status), ["healthy"]);
}

//! Presets that are given up, put off or can't be built, and reconciliation that is paused.

use serde_json::json;

use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::report::{counts, ids, json_of};
use crate::support::scene::{Job, Scene};
use crate::support::service::WORKSPACES;
use crate::support::{
    Coder, WITHOUT_FAILED_VALIDATION, coder, coder_releases, everywhere, pass, sqlite,
};

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
fn a_preset_with_a_label_of_a_later_release_is_left_alone_and_the_others_are_kept() {
    let check = |database: &Database, with_labels: &dyn Fn(&str, &str)| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let kept = scene.preset(&version, "kept", 1);
        let status = scene.preset(&version, "status", 1);
        let build = scene.preset(&version, "build", 1);
        let queued = scene.preset(&version, "queued", 1);
        let surplus = scene.prebuild(&version, &kept, Job::Succeeded, 100);
        scene.prebuild(&version, &kept, Job::Succeeded, 90);
        // Failures enough to give presets up, were they not left alone.
        for age in [7200, 7300, 7400] {
            scene.prebuild(&version, &status, Job::Failed, age);
            scene.prebuild(&version, &build, Job::Failed, age);
        }
        let strange = scene.prebuild(&version, &build, Job::Succeeded, 80);
        let starting = scene.prebuild(&version, &queued, Job::Pending, 70);
        with_labels(
            &format!(
                "UPDATE template_version_presets SET prebuild_status = 'resting' WHERE id = '{status}'"
            ),
            &format!(
                "UPDATE workspace_builds SET transition = 'hibernate' WHERE id IN ('{}', '{}')",
                strange.build, starting.build
            ),
        );
        let command = |name: &str| {
            let format = [name, "--format=json"];
            prebuildctl(format).on(database).run().json()
        };
        let snapshot = command("snapshot");
        let presets = snapshot["presets"].as_array().unwrap();
        let of = |id: &str| presets.iter().find(|preset| preset["id"] == id).unwrap();
        assert_eq!(of(&status)["prebuild_status"], "unknown");
        assert_eq!(of(&build)["prebuild_status"], "healthy");
        let leftovers = snapshot["leftovers"].as_array().unwrap();
        let leftover = leftovers
            .iter()
            .find(|it| it["id"] == strange.id.as_str())
            .unwrap();
        assert_eq!(leftover["transition"], "unknown");
        assert_eq!(leftover["preset_id"], build.as_str());
        assert_eq!(snapshot["in_progress"][0]["transition"], "unknown");

        let plan = command("plan");
        for entry in plan["presets"].as_array().unwrap() {
            let is_kept = entry["preset"]["id"] == kept.as_str();
            let codes: Vec<&str> = entry["diagnostics"]
                .as_array()
                .unwrap()
                .iter()
                .map(|diagnostic| diagnostic["code"].as_str().unwrap())
                .collect();
            let expected: &[&str] = if is_kept { &[] } else { &["unknown_label"] };
            assert_eq!(codes, expected, "{entry}");
            assert_eq!(entry["actions"] == json!([]), !is_kept, "{entry}");
        }
        let statuses = "SELECT string_agg(prebuild_status, ' ' ORDER BY name) FROM \
                        (SELECT name, CAST(prebuild_status AS text) AS prebuild_status \
                         FROM template_version_presets) AS p";
        let before = database.value(statuses);
        let report = pass(database, &[]).json();
        assert_eq!(counts(&report), [0, 1, 0, 0, 0]);
        assert_eq!(ids(&report["presets"][0]["deleted"]), [surplus.id.as_str()]);
        assert_eq!(database.value(statuses), before);
    };
    let sqlite = sqlite();
    check(&sqlite, &|status, build| {
        sqlite.execute(&format!(
            "PRAGMA ignore_check_constraints = 1; {status}; {build}"
        ));
    });
    for (_, database) in coder_releases() {
        check(&database, &|status, build| {
            database.execute("ALTER TYPE prebuild_status ADD VALUE 'resting'");
            database.execute("ALTER TYPE workspace_transition ADD VALUE 'hibernate'");
            database.execute(status);
            database.execute(build);
        });
    }
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
        assert!(plan.stderr.contains(said), "{plan:?}");
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
    let Some(database) = coder(Coder::At343) else {
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

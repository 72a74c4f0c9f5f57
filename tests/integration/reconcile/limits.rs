//! What administrators allow: plans that are refused whole, and creates that are put off.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::report::counts;
use crate::support::scene::{Job, Scene, Version};
use crate::support::service::WORKSPACES;
use crate::support::{everywhere, pass};

/// A pool that wants so many and has so many ready.
fn pool(scene: &Scene, version: &Version, name: &str, wanted: i64, ready: i64) -> String {
    let preset = scene.preset(version, name, wanted);
    for age in 0..ready {
        scene.prebuild(version, &preset, Job::Succeeded, 600 - age);
    }
    preset
}

/// How many workspaces a report says were created for each preset.
fn created(report: &Value) -> Vec<(&str, usize)> {
    let presets = report["presets"].as_array().unwrap().iter();
    presets
        .map(|entry| {
            let name = entry["preset"]["name"].as_str().unwrap();
            (name, entry["created"].as_array().unwrap().len())
        })
        .collect()
}

/// Writes the plan of the database to a file.
fn save_plan(database: &Database, dir: &TestDir) -> PathBuf {
    let path = dir.join("plan.json");
    let plan = prebuildctl(["plan", "--out"]).arg(&path).on(database);
    plan.run().ok();
    path
}

#[test]
fn a_plan_over_a_limit_is_refused_as_a_whole() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        pool(&scene, &version, "pool", 3, 0);
        pool(&scene, &version, "drained", 0, 2);
        let before = database.dump();
        for (limit, refusal) in [
            (
                "--max-create=2",
                "creates 3 workspaces, 1 more than --max-create 2 allows",
            ),
            (
                "--max-create=0",
                "creates 3 workspaces, 3 more than --max-create 0 allows",
            ),
            (
                "--max-delete=1",
                "deletes 2 workspaces, 1 more than --max-delete 1 allows",
            ),
        ] {
            let output = pass(database, &[limit]);
            output.expect_code(6);
            assert_eq!(output.stdout, "");
            assert!(output.stderr.contains(refusal), "{output:?}");
        }
        assert!(before == database.dump());
        let report = pass(database, &["--max-create=3", "--max-delete=2"]).json();
        assert_eq!(counts(&report), [3, 2, 0, 0, 0]);
    });
}

#[test]
fn a_percentage_of_the_running_workspaces_limits_what_is_deleted() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        pool(&scene, &version, "kept", 5, 5);
        pool(&scene, &version, "shrunk", 2, 5);
        let before = database.dump();
        for command in [&["reconcile-once"][..], &["loop", "--max-passes=1"]] {
            let command = prebuildctl(command).arg("--max-delete=29%").on(database);
            let output = command.run();
            output.expect_code(6);
            let refusal =
                "the plan deletes 3 workspaces, 1 more than --max-delete 29% of 10 allows";
            assert!(output.stderr.contains(refusal), "{output:?}");
        }
        // With a filter, the percentage is of what the filter leaves.
        let refused = pass(database, &["--preset=shrunk", "--max-delete=50%"]);
        refused.expect_code(6);
        assert!(refused.stderr.contains("50% of 5 allows"), "{refused:?}");
        assert!(before == database.dump());

        let report = pass(database, &["--max-delete=30%"]).json();
        assert_eq!(counts(&report), [0, 3, 0, 0, 0]);
    });
}

#[test]
fn a_template_that_is_pushed_passes_the_brake_on_deletes() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let old = scene.template("web");
        pool(&scene, &old, "pool", 6, 6);
        let other = scene.template("data");
        pool(&scene, &other, "pool", 3, 4);
        let new = scene.version(&old.template, "v2");
        pool(&scene, &new, "pool", 6, 0);
        scene.activate(&new);
        let before = database.dump();
        let refused = pass(database, &["--max-delete=0"]);
        refused.expect_code(6);
        let refusal = "deletes 1 workspace besides 6 of superseded versions, 1 more than";
        assert!(refused.stderr.contains(refusal), "{refused:?}");
        assert!(before == database.dump());
        // One of the four that run in use.
        let report = pass(database, &["--max-delete=25%"]).json();
        assert_eq!(counts(&report), [6, 7, 0, 0, 0]);
    });
}

#[test]
fn a_template_over_its_limits_does_not_stop_the_others() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (bad, good) = (scene.template("bad"), scene.template("good"));
        pool(&scene, &bad, "drained", 0, 3);
        pool(&scene, &bad, "pool", 1, 1);
        pool(&scene, &bad, "small", 1, 0);
        pool(&scene, &good, "pool", 2, 3);
        let flags = ["--max-delete=50%", "--limit-per=template"];
        let output = pass(database, &flags);
        output.expect_code(3);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(report["outcome"], "partial");
        assert_eq!(counts(&report), [0, 1, 0, 0, 0]);
        let entries = report["presets"].as_array().unwrap().iter();
        let named: Vec<(&str, bool)> = entries
            .map(|entry| {
                let error = entry["error"].as_str().unwrap_or_default();
                let refusal = "refused: template acme/bad deletes 3 workspaces, 1 more than --max-delete 50% of 4";
                assert!(error.is_empty() || error.starts_with(refusal), "{error}");
                (entry["preset"]["name"].as_str().unwrap(), !error.is_empty())
            })
            .collect();
        // The preset that is as it should be has no entry.
        assert_eq!(named, [("drained", true), ("small", true), ("pool", false)]);
        assert!(
            output
                .stderr
                .contains("ended with 2 errors, the first: refused:"),
            "{output:?}"
        );

        // With nothing else to do the pass is refused, and changes nothing.
        let before = database.dump();
        let output = pass(database, &flags);
        output.expect_code(6);
        assert!(
            output.stderr.contains("template acme/bad deletes 3"),
            "{output:?}"
        );
        assert!(before == database.dump());
        let report = pass(database, &["--max-delete=3", "--limit-per=template"]).json();
        assert_eq!(counts(&report), [1, 3, 0, 0, 0]);
        pass(database, &["--plan=x", "--limit-per=template"]).expect_code(64);
    });
}

#[test]
fn an_approved_plan_is_held_to_the_limits_too() {
    everywhere(|database| {
        let dir = TestDir::new();
        let scene = Scene::new(database);
        let version = scene.template("web");
        pool(&scene, &version, "grown", 4, 0);
        pool(&scene, &version, "shrunk", 1, 4);
        let plan = save_plan(database, &dir);
        let approved = format!("--plan={}", plan.display());
        // A pool that came later is none of the plan's business, and neither are its workspaces.
        let later = scene.template("data");
        pool(&scene, &later, "later", 9, 9);
        let before = database.dump();
        for (limit, refusal) in [
            ("--max-create=3", "1 more than --max-create 3 allows"),
            ("--max-delete=2", "1 more than --max-delete 2 allows"),
            (
                "--max-delete=74%",
                "1 more than --max-delete 74% of 4 allows",
            ),
        ] {
            let output = pass(database, &[&approved, limit]);
            output.expect_code(6);
            assert!(output.stderr.contains(refusal), "{output:?}");
        }
        // Half of a plan is not what was approved.
        pass(database, &[&approved, "--max-in-flight=2"]).expect_code(64);
        assert!(before == database.dump());

        let report = pass(database, &[&approved, "--max-create=4", "--max-delete=75%"]).json();
        assert_eq!(counts(&report), [4, 3, 0, 0, 0]);
    });
}

#[test]
fn creates_beyond_the_builds_in_flight_are_put_off_and_deletes_are_not() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = pool(&scene, &version, "pool", 6, 0);
        scene.prebuild(&version, &preset, Job::Running, 60);
        pool(&scene, &version, "drained", 0, 1);
        // One is running, one will be deleted: three of five slots are left.
        let report = pass(database, &["--max-in-flight=5"]).json();
        assert_eq!(counts(&report), [3, 1, 0, 0, 2]);
        let report = pass(database, &["--max-in-flight=5"]).json();
        assert_eq!(counts(&report), [0, 0, 0, 0, 2]);
        assert_eq!(database.count(WORKSPACES), 5);
    });
}

#[test]
fn the_emptiest_pools_are_filled_first_and_all_of_them_in_the_end() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        pool(&scene, &version, "a-half", 4, 2);
        pool(&scene, &version, "b-empty", 4, 0);
        pool(&scene, &version, "c-large", 8, 0);
        let next = || {
            let report = pass(database, &["--max-in-flight=6"]).json();
            scene.finish_builds();
            report
        };
        // Six slots bring the empty ones to a half or nearly; the half full one waits.
        let first = next();
        assert_eq!(created(&first), [("b-empty", 2), ("c-large", 4)]);
        assert_eq!(first["deferred"], 8);
        // From here all are filled alike: each step of the large one is half as high, and what is
        // left over goes to the first.
        let second = next();
        assert_eq!(
            created(&second),
            [("a-half", 2), ("b-empty", 2), ("c-large", 2)]
        );
        assert_eq!(second["deferred"], 2);
        let third = next();
        assert_eq!(created(&third), [("c-large", 2)]);
        assert_eq!(third["deferred"], 0);
        assert_eq!(next()["outcome"], "nothing_to_do");
    });
}

#[test]
fn a_loop_keeps_to_the_builds_in_flight_from_pass_to_pass() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        pool(&scene, &version, "one", 3, 0);
        pool(&scene, &version, "two", 3, 0);
        let passes = [
            "loop",
            "--interval=10ms",
            "--max-passes=3",
            "--max-in-flight=4",
        ];
        prebuildctl(passes).on(database).run().ok();
        let made = "SELECT count(*) FROM workspace_builds AS b
            JOIN template_version_presets AS p ON p.id = b.template_version_preset_id
            GROUP BY p.name ORDER BY p.name";
        // Nobody runs the builds, so that what the first pass made stays in flight.
        assert_eq!(database.column(made), ["2", "2"]);
    });
}

#[test]
fn builds_of_pools_that_a_pass_does_not_look_at_are_in_flight_too() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let other = pool(&scene, &version, "other", 2, 0);
        for age in [60, 50] {
            scene.prebuild(&version, &other, Job::Running, age);
        }
        pool(&scene, &version, "pool", 6, 0);
        let report = pass(database, &["--preset=pool", "--max-in-flight=5"]).json();
        assert_eq!(counts(&report), [3, 0, 0, 0, 3]);
    });
}

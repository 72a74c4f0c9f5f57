//! `wait`: until pools are full, in time or not.

use serde_json::json;

use crate::support::database::Database;
use crate::support::everywhere;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, Scene};

fn wait(database: &Database, arguments: &[&str]) -> Output {
    let command = ["wait"].iter().chain(arguments);
    prebuildctl(command).on(database).run()
}

#[test]
fn full_pools_are_not_waited_for() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 1);
        scene.prebuild(&web, &pool, Job::Succeeded, 60);
        scene.preset(&web, "empty", 2);
        let before = database.dump();
        let report = wait(database, &["--ready", "pool", "--format=json"]);
        report.expect_code(0);
        let report = report.json();
        assert_eq!(report["ready"], json!(true));
        assert_eq!(report["presets"].as_array().unwrap().len(), 1);
        assert_eq!(report["presets"][0]["ready"], json!(1));
        let late = wait(database, &["--for=0s"]);
        late.expect_code(4);
        assert!(late.stdout.contains("Not full: 1 of 2 pools."), "{late:?}");
        wait(database, &["nobody"]).expect_code(1);
        assert!(before == database.dump());
    });
}

#[test]
fn a_pool_is_waited_for_until_its_last_workspace_is_ready_and_told_of_meanwhile() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 2);
        scene.prebuild(&web, &pool, Job::Succeeded, 60);
        scene.prebuild(&web, &pool, Job::Running, 30);
        let waiting = prebuildctl(["wait", "web/pool"]).on(database).spawn();
        let missing = "Waiting: 1 of 1 pool not full: acme/web/pool 1 of 2 ready, 1 starting.";
        waiting.await_stderr(missing);
        scene.finish_builds();
        let output = waiting.wait();
        output.expect_code(0);
        assert!(output.stdout.contains("Full: 1 pool."), "{output:?}");
    });
}

#[test]
fn a_preset_that_no_active_version_has_is_not_full() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let old = scene.template("web");
        scene.preset(&old, "pool", 1);
        let new = scene.version(&old.template, "v2");
        scene.preset(&new, "other", 0);
        scene.activate(&new);
        let output = wait(database, &["web/pool"]);
        let said = &output.expect_code(1).stderr;
        assert!(said.contains("none of these presets"), "{output:?}");
        wait(database, &["web/other"]).expect_code(0);
    });
}

#[test]
fn a_limited_pool_that_lacks_nothing_is_waited_for() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 1);
        scene.prebuild(&web, &pool, Job::Running, 70);
        for age in [60, 50, 40] {
            scene.prebuild(&web, &pool, Job::Failed, age);
        }
        let waiting = prebuildctl(["wait", "web/pool"]).on(database).spawn();
        waiting.await_stderr("0 of 1 ready, 1 starting");
        scene.finish_builds();
        waiting.wait().expect_code(0);
    });
}

#[test]
fn what_no_pass_can_fill_is_not_waited_for() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 1);
        for age in [60, 50, 40] {
            scene.prebuild(&web, &pool, Job::Failed, age);
        }
        let output = wait(database, &[]);
        output.expect_code(4);
        assert!(
            output
                .stdout
                .contains("hard limited: its newest builds all failed"),
            "{output:?}"
        );
    });
}

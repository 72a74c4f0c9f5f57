//! Superseded versions that are emptied step by step.

use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene};
use crate::support::{everywhere, pass};

#[test]
fn members_of_a_superseded_version_stay_until_their_replacements_are_ready() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let old = scene.template("web");
        let superseded = scene.preset(&old, "pool", 3);
        for age in [90, 80, 70] {
            scene.prebuild(&old, &superseded, Job::Succeeded, age);
        }
        let new = scene.version(&old.template, "v2");
        scene.preset(&new, "pool", 3);
        scene.activate(&new);

        let flags = ["--keep-until-ready", "--max-unavailable=1"];
        let first = pass(database, &flags).json();
        let numbers = |report: &serde_json::Value| {
            ["created", "deleted", "kept"].map(|key| report[key].as_i64().unwrap())
        };
        assert_eq!(numbers(&first), [3, 1, 2]);
        // As long as nothing is ready, nothing else goes.
        assert_eq!(numbers(&pass(database, &flags).json()), [0, 0, 2]);
        scene.finish_builds();
        assert_eq!(numbers(&pass(database, &flags).json()), [0, 2, 0]);
    });
}

#[test]
fn without_keeping_there_is_nothing_to_be_short_of() {
    let command = ["reconcile-once", "--max-unavailable=1"];
    prebuildctl(command).run().expect_code(64);
}

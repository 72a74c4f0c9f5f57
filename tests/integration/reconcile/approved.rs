//! Approved plans: carried out exactly as they are, or refused with what has changed.
//!
//! Every way in which a plan can go stale, on every kind of database: exit 6, the difference named,
//! and not one row touched.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::{Job, Scene, Version, Workspace};
use crate::support::{everywhere, pass};

/// A pool with an approved plan: two to create, one to delete.
struct Approved<'a> {
    database: &'a Database,
    scene: Scene,
    version: Version,
    preset: String,
    running: Vec<Workspace>,
    plan: PathBuf,
    _dir: TestDir,
}

impl<'a> Approved<'a> {
    /// A pool that wants four and has one running, one expired and one under way, and its plan.
    fn new(database: &'a Database) -> Self {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "pool", 4);
        scene.execute("UPDATE template_version_presets SET invalidate_after_secs = 3600");
        let running = vec![
            scene.prebuild(&version, &preset, Job::Succeeded, 60),
            scene.prebuild(&version, &preset, Job::Succeeded, 7200),
            scene.prebuild(&version, &preset, Job::Pending, 30),
        ];
        let dir = TestDir::new();
        let plan = dir.join("plan.json");
        let approved = Self {
            database,
            scene,
            version,
            preset,
            running,
            plan,
            _dir: dir,
        };
        let made = approved.make_plan(&[]);
        assert_eq!(made["summary"]["create"], 2);
        assert_eq!(made["summary"]["delete"], 1);
        approved
    }

    fn make_plan(&self, filters: &[&str]) -> Value {
        let command = [
            "plan",
            "--format=json",
            "--out",
            self.plan.to_str().unwrap(),
        ];
        let plan = prebuildctl(command.iter().chain(filters));
        plan.on(self.database).run().json()
    }

    fn carry_out(&self) -> Output {
        pass(self.database, &["--plan", self.plan.to_str().unwrap()])
    }

    /// The plan is refused, for a reason that names all of this, and nothing is written.
    #[track_caller]
    fn assert_refused(&self, named: &[&str]) {
        let before = self.database.dump();
        let output = self.carry_out();
        assert_eq!(output.code, 6, "{output:?}");
        for text in named {
            assert!(output.stderr.contains(text), "{text}: {}", output.stderr);
        }
        assert!(before == self.database.dump(), "rows have changed");
    }
}

#[test]
fn a_plan_that_still_holds_is_carried_out_exactly_and_only_once() {
    everywhere(|database| {
        let approved = Approved::new(database);
        let report = approved.carry_out().json();
        assert_eq!(
            (&report["created"], &report["deleted"]),
            (&2.into(), &1.into())
        );
        assert_eq!(report["presets"][0]["deleted"][0], *approved.running[1].id);
        approved.assert_refused(&["no longer matches", "acme/web/pool", "approved: delete 1"]);
    });
}

#[test]
fn a_claim_makes_a_plan_stale() {
    everywhere(|database| {
        let approved = Approved::new(database);
        let workspace = &approved.running[0].id;
        let person = &approved.scene.person;
        approved.scene.execute(&format!(
            "UPDATE workspaces SET owner_id = '{person}', name = 'mine' WHERE id = '{workspace}'"
        ));
        approved.assert_refused(&["acme/web/pool", "create 2", "create 3", "running 2 -> 1"]);
    });
}

#[test]
fn a_new_version_makes_a_plan_stale() {
    everywhere(|database| {
        let approved = Approved::new(database);
        let next = approved.scene.version(&approved.version.template, "v2");
        approved.scene.activate(&next);
        approved.assert_refused(&["acme/web/pool", "no longer matches", "now"]);
    });
}

#[test]
fn a_finished_build_makes_a_plan_stale() {
    everywhere(|database| {
        let approved = Approved::new(database);
        approved.scene.finish_builds();
        approved.assert_refused(&["acme/web/pool", "running 2 -> 3", "starting 1 -> 0"]);
    });
}

#[test]
fn a_pass_of_somebody_else_makes_a_plan_stale() {
    everywhere(|database| {
        let approved = Approved::new(database);
        pass(database, &[]).ok();
        approved.assert_refused(&["acme/web/pool", "starting 1 -> 3"]);
    });
}

#[test]
fn another_wanted_number_and_a_pause_make_a_plan_stale() {
    everywhere(|database| {
        let approved = Approved::new(database);
        approved.scene.execute(&format!(
            "UPDATE template_version_presets SET desired_instances = 9 WHERE id = '{}'",
            approved.preset
        ));
        approved.assert_refused(&["acme/web/pool", "desired 4 -> 9"]);
        approved.make_plan(&[]);
        prebuildctl(["pause"]).on(database).run().ok();
        approved.assert_refused(&["now paused"]);
    });
}

#[test]
fn a_plan_of_another_database_is_refused_as_such() {
    everywhere(|database| {
        let approved = Approved::new(database);
        approved.scene.execute(&format!(
            "UPDATE template_version_presets SET desired_instances = NULL WHERE id = '{}'",
            approved.preset
        ));
        let other = approved.scene.template("docs");
        approved.scene.preset(&other, "other", 1);
        approved.assert_refused(&["another database"]);
    });
}

#[test]
fn a_filtered_plan_leaves_the_other_pools_alone() {
    everywhere(|database| {
        let approved = Approved::new(database);
        let other = approved.scene.template("docs");
        approved.scene.preset(&other, "other", 1);
        approved.make_plan(&["--template=docs"]);
        let output = approved.carry_out();
        assert!(
            output.stderr.contains("stay as they are"),
            "{}",
            output.stderr
        );
        let report = output.json();
        assert_eq!(
            (&report["created"], &report["deleted"]),
            (&1.into(), &0.into())
        );
        assert_eq!(report["presets"][0]["preset"]["name"], "other");
    });
}

#[test]
fn a_claim_of_another_pool_is_said_and_does_not_make_a_plan_stale() {
    everywhere(|database| {
        let approved = Approved::new(database);
        let other = approved.scene.template("docs");
        let full = approved.scene.preset(&other, "full", 1);
        let workspace = approved.scene.prebuild(&other, &full, Job::Succeeded, 60);
        approved.make_plan(&[]);
        let person = &approved.scene.person;
        approved.scene.execute(&format!(
            "UPDATE workspaces SET owner_id = '{person}', name = 'mine' WHERE id = '{}'",
            workspace.id
        ));
        let output = approved.carry_out();
        let moved = "acme/docs/full: approved: nothing; now: create 1 (running 1 -> 0";
        assert!(output.stderr.contains(moved), "{output:?}");
        let report = output.json();
        // Nobody has approved the workspace that the other pool lacks.
        assert_eq!(report["created"], 2);
        assert_eq!(report["presets"].as_array().unwrap().len(), 1);
        let report = pass(database, &[]).json();
        assert_eq!(report["presets"][0]["preset"]["name"], "full");
    });
}

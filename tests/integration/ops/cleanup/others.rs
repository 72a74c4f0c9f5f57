//! Clean-ups while others are at work: passes, claims, provisioners.

use std::thread;
use std::time::Duration;

use serde_json::Value;

use super::{DELETES, build, cleanup, counts, ids};
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene, Workspace};
use crate::support::service::hold_lock;
use crate::support::{everywhere, servers, wait_until, wait_until_blocked};

#[test]
fn waiting_tells_what_became_of_the_deletes() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 0);
        for age in [600, 500] {
            scene.prebuild(&web, &pool, Job::Failed, age);
        }
        let command = ["cleanup", "--yes", "--wait", "--format", "json"];
        let run = prebuildctl(command).on(database).spawn();
        wait_until("both are queued", || database.count(DELETES) == 2);
        let jobs = database.column(
            "SELECT job_id FROM workspace_builds WHERE transition = 'delete'
             ORDER BY workspace_id",
        );
        let now = scene.ago(0);
        scene.execute(&format!(
            "UPDATE provisioner_jobs SET started_at = '{now}', completed_at = '{now}',
                error = 'volume in use' WHERE id = '{}'",
            jobs[0]
        ));
        scene.finish_builds();
        let output = run.wait();
        output.expect_code(3);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(counts(&report), [0, 1, 0, 1]);
        assert!(output.stdout.contains("volume in use"), "{output:?}");

        // The failed one is a leftover again, and nobody does it in time.
        let output = cleanup(database, &["--yes", "--wait", "100ms"]);
        output.expect_code(1);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(counts(&report), [1, 0, 0, 0]);
        assert_eq!(report["workspaces"][0]["state"], "failed_delete");
        assert_eq!(report["workspaces"][0]["last_error"], "volume in use");
    });
}

#[test]
fn what_is_claimed_between_listing_and_deleting_is_left_alone() {
    for database in servers() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 5);
        let all: Vec<Workspace> = (0..4)
            .map(|n| scene.prebuild(&web, &pool, Job::Succeeded, 7200 - n))
            .collect();
        scene.execute("UPDATE workspace_agents SET lifecycle_state = 'starting'");
        // The listing reads this table under the lock.
        let table = "template_version_preset_prebuild_schedules";
        let mut holder = database.session();
        holder.execute(&format!(
            "BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
        ));
        let command = [
            "cleanup",
            "--yes",
            "--state=stuck-agents",
            "--format=json",
            "--wait-lock=40s",
        ];
        let run = prebuildctl(command).on(&database).spawn();
        wait_until_blocked(&database);
        // Who is in the queue for the lock gets it when the listing ends, before the deletions.
        let lock = thread::scope(|scope| {
            let lock = scope.spawn(|| hold_lock(&database));
            wait_until("somebody waits for the lock", || {
                database.count(
                    "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND wait_event = 'advisory'",
                ) == 1
            });
            holder.execute("COMMIT");
            lock.join().expect("the lock")
        });
        // One is claimed, one is being claimed, one is built by a person.
        database.execute(&format!(
            "UPDATE workspaces SET owner_id = '{}', name = 'mine' WHERE id = '{}'",
            scene.person, all[0].id
        ));
        let mut claim = database.session();
        claim.execute(&format!(
            "BEGIN; UPDATE workspaces SET owner_id = '{}' WHERE id = '{}'",
            scene.person, all[1].id
        ));
        build(&scene, &web, &all[2], "start", "running", 0);
        drop(lock);
        let report = run.wait().json();
        claim.execute("COMMIT");
        assert_eq!(counts(&report), [1, 0, 3, 0]);
        let deleted = database
            .column("SELECT workspace_id FROM workspace_builds WHERE transition = 'delete'");
        assert_eq!(deleted, [all[3].id.clone()]);
    }
}

#[test]
fn a_claimed_leftover_is_nobodys_business() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 0);
        let claimed = scene.prebuild(&web, &pool, Job::Failed, 600);
        scene.execute(&format!(
            "UPDATE workspaces SET owner_id = '{}' WHERE id = '{}'",
            scene.person, claimed.id
        ));
        let before = database.dump();
        assert_eq!(
            ids(&cleanup(database, &["--yes"]).json()),
            Vec::<String>::new()
        );
        assert!(before == database.dump());
    });
}

#[test]
fn a_pass_and_a_cleanup_take_turns() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 0);
        scene.prebuild(&web, &pool, Job::Failed, 600);
        let mut holder = database.session();
        holder.execute(if database.is_sqlite() {
            "BEGIN IMMEDIATE"
        } else {
            "SELECT pg_advisory_lock(7)"
        });
        let output = cleanup(database, &["--yes", "--wait-lock", "100ms"]);
        output.expect_code(5);
        assert!(output.stderr.contains("nothing was done"), "{output:?}");
        assert_eq!(
            cleanup(database, &[]).json()["workspaces"][0]["outcome"],
            "listed"
        );
        let run = prebuildctl(["cleanup", "--yes"]).on(database).spawn();
        thread::sleep(Duration::from_millis(300));
        drop(holder);
        run.wait().ok();
        assert_eq!(database.count(DELETES), 1);
    });
}

#[test]
fn what_was_queued_is_told_when_it_can_not_be_waited_for() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 0);
        scene.prebuild(&web, &pool, Job::Failed, 600);
        let command = ["cleanup", "--yes", "--wait", "--format", "json"];
        let run = prebuildctl(command).on(database).spawn();
        wait_until("it is queued", || database.count(DELETES) == 1);
        scene.execute("ALTER TABLE provisioner_jobs RENAME error TO mistake");
        let output = run.wait();
        output.expect_code(1);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(counts(&report), [1, 0, 0, 0]);
        assert!(output.stderr.contains("can't be waited for"), "{output:?}");
    });
}

#[test]
fn deletes_that_are_committed_are_told_though_the_limit_cannot_be_reset() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 1);
        for age in [7200, 7300, 7400] {
            scene.prebuild(&web, &pool, Job::Failed, age);
        }
        database.execute("UPDATE template_version_presets SET prebuild_status = 'hard_limited'");
        let statuses = "UPDATE ON template_version_presets";
        database.refuse(statuses, "true", "frozen");
        let command = ["reset-limit", "pool", "--yes", "--format", "json"];
        let output = prebuildctl(command).on(database).run();
        let told = &output.expect_code(1).stderr;
        assert!(told.contains("frozen"), "{told}");
        assert!(
            told.contains("the status was not reset; run the command again"),
            "{told}"
        );
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        let [queued, deleted, ..] = counts(&report);
        assert_eq!(database.count(DELETES), 3);
        assert_eq!(queued + deleted, 3, "{report:#}");
        assert_eq!(report["presets"][0]["reset"], false);
    });
}

//! The lock: whoever holds it is waited for or left alone, and whoever comes next, another pass or
//! coderd's loop, sees what was written before.

use std::collections::BTreeSet;

use super::plan;
use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene};
use crate::support::service::WORKSPACES;
use crate::support::{both, coder_releases, everywhere, gate, pass, servers, wait_until};

/// Enough for the moments to fall between any two steps of a pass.
const ROUNDS: usize = 48;

/// A database with a pool to fill, and the statements by which somebody holds the lock.
fn locked(body: impl Fn(&Database, &str, &str)) {
    let pool = |database: &Database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 3);
    };
    for database in servers() {
        pool(&database);
        body(
            &database,
            "BEGIN; SELECT pg_advisory_xact_lock(7)",
            "COMMIT",
        );
        database.execute("DELETE FROM workspaces");
        body(
            &database,
            "SELECT pg_advisory_lock(7)",
            "SELECT pg_advisory_unlock(7)",
        );
    }
    both(|database| {
        if database.is_sqlite() {
            pool(database);
            body(database, "BEGIN IMMEDIATE", "COMMIT");
        }
    });
}

#[test]
fn while_somebody_holds_the_lock_nothing_is_written() {
    locked(|database, lock, unlock| {
        let mut holder = database.session();
        holder.execute(lock);
        let before = database.dump();
        let report = pass(database, &[]).json();
        assert_eq!(report["outcome"], "locked");
        assert_eq!(report["presets"], serde_json::json!([]));
        let output = pass(database, &["--fail-if-locked", "--wait-lock=200ms"]);
        output.expect_code(5);
        assert!(before == database.dump());
        // Reading goes on meanwhile.
        assert_eq!(plan(database)["summary"]["create"], 3);
        holder.execute(unlock);
        assert_eq!(pass(database, &["--fail-if-locked"]).json()["created"], 3);
    });
}

#[test]
fn a_pass_that_may_wait_gets_the_lock_when_it_is_free() {
    locked(|database, lock, unlock| {
        let mut holder = database.session();
        holder.execute(lock);
        let arguments = [
            "reconcile-once",
            "--format=json",
            "--wait-lock=40s",
            "--fail-if-locked",
        ];
        let mut run = prebuildctl(arguments).on(database).spawn();
        wait_for_asking(database);
        assert!(run.is_running());
        holder.execute(unlock);
        assert_eq!(run.wait().json()["created"], 3);
    });
}

/// Waits until a pass has asked for the lock in vain, where that can be seen: each time it ends a
/// transaction, as it does once before it asks.
fn wait_for_asking(database: &Database) {
    if database.is_sqlite() {
        return;
    }
    let mut ended = BTreeSet::new();
    wait_until("a pass asks for the lock", || {
        ended.extend(database.column(
            "SELECT state_change::text FROM pg_stat_activity
             WHERE datname = current_database() AND query = 'ROLLBACK'
                AND application_name = 'prebuildctl'",
        ));
        ended.len() > 2
    });
}

#[test]
fn a_pass_that_waited_sees_what_the_holder_of_the_lock_has_just_created() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let lock = if database.is_sqlite() {
            "BEGIN IMMEDIATE"
        } else {
            "BEGIN; SELECT pg_advisory_xact_lock(7)"
        };
        for round in 0..8 {
            let preset = scene.preset(&web, &format!("pool {round}"), 3);
            scene.execute(lock);
            let runs = [(); 2].map(|()| {
                let arguments = ["reconcile-once", "--format=json", "--wait-lock=40s"];
                prebuildctl(arguments).on(database).spawn()
            });
            wait_for_asking(database);
            for _ in 0..3 {
                scene.prebuild(&web, &preset, Job::Succeeded, 1);
            }
            scene.execute("COMMIT");
            for run in runs {
                let report = run.wait().json();
                assert_eq!(report["outcome"], "nothing_to_do", "{report:#}");
            }
        }
        assert_eq!(database.count(WORKSPACES), 24);
    });
}

#[test]
fn passes_at_the_same_time_fill_a_pool_once() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        for round in 1..=2 {
            scene.preset(&web, &format!("pool {round}"), 5);
            let runs = [(); 16].map(|()| {
                let arguments = ["reconcile-once", "--format=json", "--wait-lock=40s"];
                prebuildctl(arguments).on(database).spawn()
            });
            let reports = runs.map(|run| run.wait().json());
            let created = reports
                .iter()
                .map(|report| report["created"].as_i64().unwrap());
            assert_eq!(created.sum::<i64>(), 5, "{reports:#?}");
            assert_eq!(database.count(WORKSPACES), round * 5);
        }
    });
}

#[test]
fn the_lock_is_held_until_the_pass_has_written() {
    for database in servers() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 3);
        let is_free = "SELECT pg_try_advisory_xact_lock(7)";
        assert_eq!(database.value(is_free).unwrap(), "1");
        gate::build(&database, "workspace_builds", "true");
        // Once before anything is written, once in the middle of it.
        let before = "BEGIN; LOCK TABLE provisioner_daemons IN ACCESS EXCLUSIVE MODE";
        for (moment, event) in [(before, "relation"), (gate::SHUT, "PgSleep")] {
            let mut holder = database.session();
            holder.execute(moment);
            let run = prebuildctl(["reconcile-once"]).on(&database).spawn();
            let waiting = format!(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = '{event}'
                 AND datname = current_database() AND application_name = 'prebuildctl'"
            );
            wait_until("the pass waits", || database.count(&waiting) == 1);
            assert_eq!(database.value(is_free).unwrap(), "0", "{event}");
            assert_eq!(database.count(WORKSPACES), 0, "{event}");
            let other = pass(&database, &["--fail-if-locked"]);
            other.expect_code(5);
            if moment == before {
                run.signal("TERM");
                run.wait().expect_code(143);
                holder.execute("COMMIT");
                wait_until("the server has let go", || database.count(&waiting) == 0);
            } else {
                holder.execute("COMMIT");
                run.wait().ok();
            }
        }
        assert_eq!(database.value(is_free).unwrap(), "1");
        assert_eq!(database.count(WORKSPACES), 3);
    }
}

#[test]
fn a_pass_that_starts_the_very_moment_another_loop_commits_sees_what_it_wrote() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        for round in 0..ROUNDS {
            let preset = scene.preset(&web, &format!("pool {round}"), 2);
            // As coderd does: the lock goes with the transaction that creates.
            scene.execute("BEGIN; SELECT pg_advisory_xact_lock(7)");
            for job in [Job::Succeeded, Job::Pending] {
                scene.prebuild(&web, &preset, job, 1);
            }
            let arguments = ["reconcile-once", "--format=json", "--wait-lock=40s"];
            let run = prebuildctl(arguments).on(&database).spawn();
            match round % 3 {
                0 => {}
                1 => wait_until("the pass is connected", || {
                    let sessions = "SELECT count(*) FROM pg_stat_activity
                        WHERE datname = current_database() AND application_name = 'prebuildctl'";
                    database.count(sessions) > 0
                }),
                _ => wait_for_asking(&database),
            }
            // A little later each time.
            for _ in 0..round * 2 {
                scene.execute("SELECT 1");
            }
            scene.execute("COMMIT");
            let report = run.wait().json();
            assert_eq!(report["outcome"], "nothing_to_do", "{round}: {report:#}");
            let made = 2 * i64::try_from(round + 1).unwrap();
            assert_eq!(database.count(WORKSPACES), made, "{round}");
        }
    }
}

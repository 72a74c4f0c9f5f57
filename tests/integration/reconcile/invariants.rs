//! What must hold whatever a database looks like and whoever else is at work.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::database::{Database, TextRow};
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, PREBUILDS_USER, Scene};
use crate::support::{
    Coder, both, coder, everywhere, on_every_release, pass, postgres, random_scenes, wait_until,
};

const WORKSPACES: &str = "SELECT count(*) FROM workspaces";

fn plan(database: &Database) -> Value {
    prebuildctl(["plan", "--format=json"])
        .on(database)
        .run()
        .json()
}

/// The rows of a list of the document.
fn rows<'a>(document: &'a Value, key: &str) -> &'a [Value] {
    document[key].as_array().map_or(&[], Vec::as_slice)
}

fn ids(list: &Value) -> Vec<String> {
    let ids = list.as_array().into_iter().flatten();
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// Scenes in which reconciliation goes on.
fn busy_scenes(seed: u64) -> Vec<Database> {
    let databases = random_scenes(seed, 120);
    for database in &databases {
        database.execute("DELETE FROM site_configs WHERE key = 'prebuilds_settings'");
    }
    databases
}

#[test]
fn a_plan_deletes_only_running_workspaces_of_ours_and_each_once() {
    for seed in [61, 62] {
        for database in busy_scenes(seed) {
            let plan = plan(&database);
            let running = database.column(&format!(
                "SELECT w.id FROM workspaces AS w
                 JOIN workspace_builds AS b ON b.workspace_id = w.id
                 JOIN provisioner_jobs AS j ON j.id = b.job_id
                 WHERE w.owner_id = '{PREBUILDS_USER}' AND NOT w.deleted
                    AND b.transition = 'start' AND j.job_status = 'succeeded'
                    AND b.build_number = (
                        SELECT max(build_number) FROM workspace_builds WHERE workspace_id = w.id)"
            ));
            let running: BTreeSet<String> = running.into_iter().collect();
            let mut listed = BTreeSet::new();
            for preset in rows(&plan, "presets") {
                let desired = preset["state"]["desired"].as_i64().unwrap();
                for action in rows(preset, "actions") {
                    for id in ids(&action["workspace_ids"]) {
                        assert!(running.contains(&id), "{id} is not ours to delete");
                        assert!(listed.insert(id), "listed twice");
                    }
                    if action["action"] == "create" {
                        let count = action["count"].as_i64().unwrap();
                        assert!((1..=desired).contains(&count), "{count} of {desired}");
                    }
                }
            }
            assert!(
                listed.len() > 5,
                "nothing to delete: the test would test nothing"
            );
            assert_eq!(plan["summary"]["delete"], listed.len());
        }
    }
}

#[test]
fn pools_settle_after_one_pass_whose_builds_end_well() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (web, data) = (scene.template("web"), scene.template("data"));
        let pool = scene.preset(&web, "pool", 4);
        scene.prebuild(&web, &pool, Job::Succeeded, 60);
        scene.prebuild(&web, &pool, Job::Running, 60);
        let full = scene.preset(&web, "full", 1);
        for age in [300, 200, 100] {
            scene.prebuild(&web, &full, Job::Succeeded, age);
        }
        let outdated = scene.preset(&data, "pool", 2);
        scene.prebuild(&data, &outdated, Job::Succeeded, 60);
        scene.prebuild(&data, &outdated, Job::Pending, 60);
        let next = scene.version(&data.template, "v2");
        scene.activate(&next);
        scene.preset(&next, "pool", 3);

        let report = pass(database, &[]).json();
        let done = ["created", "deleted", "cancelled"].map(|key| report[key].as_i64().unwrap());
        assert_eq!(done, [2 + 3, 2 + 1, 1]);
        // What is queued is not queued again.
        let again = pass(database, &[]).json();
        assert_eq!(again["outcome"], "nothing_to_do", "{again:#}");
        scene.finish_builds();
        let plan = plan(database);
        assert_eq!(plan["has_changes"], false, "{plan:#}");
        let of_ours = format!("{WORKSPACES} WHERE NOT deleted AND owner_id = '{PREBUILDS_USER}'");
        assert_eq!(database.count(&of_ours), 4 + 1 + 3);
    });
}

#[test]
fn a_second_pass_does_nothing_more_in_any_scene_and_all_of_them_settle() {
    for seed in [71, 72] {
        for database in busy_scenes(seed) {
            let first: Value = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
            let done = |report: &Value| {
                ["created", "deleted", "cancelled"].map(|key| report[key].as_i64().unwrap())
            };
            assert!(done(&first)[0] > 0 && done(&first)[1] > 0, "{first:#}");
            let second: Value = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
            assert_eq!(done(&second), [0; 3], "{second:#}");
            // A scene has builds under way that nobody can place before they have ended, such as one
            // for a workspace that was claimed. After some rounds all is in order.
            let scene = Scene::new(&database);
            let settled = (0..4).any(|_| {
                scene.finish_builds();
                let report = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
                done(&report) == [0; 3]
            });
            assert!(
                settled,
                "still something to do: {:#}",
                plan(&database)["presets"]
            );
        }
    }
}

/// Rows that were there before and are not as they were, with their ids, by table.
fn changed(
    before: &BTreeMap<String, Vec<TextRow>>,
    after: &BTreeMap<String, Vec<TextRow>>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut changed = BTreeMap::new();
    for (table, rows) in before {
        let now: BTreeSet<&TextRow> = after[table].iter().collect();
        let gone = rows.iter().filter(|row| !now.contains(row));
        let gone: BTreeSet<_> = gone.map(|row| row[0].clone().unwrap()).collect();
        if !gone.is_empty() {
            changed.insert(table.clone(), gone);
        }
    }
    changed
}

#[test]
fn rows_that_a_pass_does_not_report_stay_as_they_were() {
    for seed in [81, 82] {
        for database in busy_scenes(seed) {
            let before = database.dump();
            // A cancelled build leaves nothing to be removed where its workspace is gone already, or
            // has another build.
            let settled = database.column(
                "SELECT id FROM workspaces AS w WHERE deleted OR EXISTS (
                    SELECT 1 FROM workspace_builds AS b
                    WHERE b.workspace_id = w.id AND b.build_number > 1)",
            );
            let report: Value = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
            let after = database.dump();
            let mut changed = changed(&before, &after);

            let mut cancelled = BTreeSet::new();
            let mut touched = BTreeSet::new();
            let mut created = BTreeSet::new();
            for preset in rows(&report, "presets") {
                cancelled.extend(ids(&preset["cancelled"]));
                touched.extend(ids(&preset["deleted"]));
                created.extend(ids(&preset["created"]));
            }
            assert_eq!(
                changed.remove("provisioner_jobs").unwrap_or_default(),
                cancelled
            );
            // Removed at once, because no provisioner lives that would remove them.
            let removed = changed.remove("workspaces").unwrap_or_default();
            for job in &cancelled {
                let workspace = database.value(&format!(
                    "SELECT workspace_id FROM workspace_builds WHERE job_id = '{job}'"
                ));
                touched.extend(workspace.filter(|id| !settled.contains(id)));
            }
            assert!(removed.is_subset(&touched));
            let removed_agents = changed.remove("workspace_agents").unwrap_or_default();
            let _status = changed.remove("template_version_presets");
            assert!(removed_agents.is_empty() || !removed.is_empty());
            assert_eq!(changed, BTreeMap::new());

            // New rows are those of the workspaces reported, and of no others.
            let old = |table: &str| -> BTreeSet<&str> {
                before[table]
                    .iter()
                    .map(|row| row[0].as_deref().unwrap())
                    .collect()
            };
            let known = old("workspaces");
            let new: BTreeSet<String> = database
                .column("SELECT id FROM workspaces")
                .into_iter()
                .filter(|id| !known.contains(id.as_str()))
                .collect();
            assert_eq!(new, created);
            let known = old("workspace_builds");
            let builds = database.rows("SELECT id, workspace_id FROM workspace_builds");
            let built: BTreeSet<String> = builds
                .into_iter()
                .filter(|row| !known.contains(row[0].as_deref().unwrap()))
                .map(|row| row[1].clone().unwrap())
                .collect();
            let expected: BTreeSet<String> = touched.union(&created).cloned().collect();
            assert_eq!(built, expected);
            let untouched = ["users", "organizations", "templates", "template_versions"];
            for table in untouched {
                assert_eq!(before[table].len(), after[table].len(), "{table}");
            }
        }
    }
}

#[test]
fn every_build_has_its_own_job_and_numbers_run_on() {
    for seed in [91] {
        for database in busy_scenes(seed) {
            let orphans = "SELECT count(*) FROM provisioner_jobs AS j
                WHERE type = 'workspace_build' AND NOT EXISTS (
                    SELECT 1 FROM workspace_builds WHERE job_id = j.id)";
            let gaps = "SELECT count(*) FROM workspace_builds AS b
                WHERE build_number > 1 AND NOT EXISTS (
                    SELECT 1 FROM workspace_builds AS e WHERE e.workspace_id = b.workspace_id
                        AND e.build_number = b.build_number - 1)";
            let before = (database.count(orphans), database.count(gaps));
            let output = pass(&database, &[]);
            assert!(matches!(output.code, 0 | 3), "{output:?}");
            assert_eq!((database.count(orphans), database.count(gaps)), before);
        }
    }
}

/// A database with a pool to fill, and the statements by which somebody holds the lock.
fn locked(body: impl Fn(&Database, &str, &str)) {
    let pool = |database: &Database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 3);
    };
    for database in [postgres(), coder(Coder::Current)].into_iter().flatten() {
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

/// Waits until a pass has asked for the lock, where that can be seen.
fn wait_for_asking(database: &Database) {
    if !database.is_sqlite() {
        let asking = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND query LIKE '%pg_try_advisory_lock%'
                AND application_name = 'prebuildctl'";
        wait_until("a pass asks for the lock", || database.count(asking) > 0);
    }
}

#[test]
fn a_pass_that_waited_sees_what_the_holder_of_the_lock_has_just_created() {
    on_every_release(|database| {
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
    on_every_release(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        for round in 1..=3 {
            scene.preset(&web, &format!("pool {round}"), 5);
            let runs = [(); 5].map(|()| {
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
    for database in [postgres(), coder(Coder::Current)].into_iter().flatten() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 3);
        let is_free = "SELECT pg_try_advisory_xact_lock(7)";
        assert_eq!(database.value(is_free).unwrap(), "1");
        // Once before anything is written, once in the middle of it.
        for table in ["provisioner_daemons", "workspace_builds"] {
            let mut holder = database.session();
            holder.execute(&format!("BEGIN; LOCK TABLE {table} IN EXCLUSIVE MODE"));
            if table == "provisioner_daemons" {
                holder.execute("LOCK TABLE provisioner_daemons IN ACCESS EXCLUSIVE MODE");
            }
            let run = prebuildctl(["reconcile-once"]).on(&database).spawn();
            let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
                AND datname = current_database() AND application_name = 'prebuildctl'";
            wait_until("the pass waits", || database.count(waiting) == 1);
            assert_eq!(database.value(is_free).unwrap(), "0", "{table}");
            assert_eq!(database.count(WORKSPACES), 0, "{table}");
            let other = pass(&database, &["--fail-if-locked"]);
            other.expect_code(5);
            if table == "provisioner_daemons" {
                run.signal("TERM");
                run.wait().expect_code(143);
                holder.execute("COMMIT");
                wait_until("the server has let go", || database.count(waiting) == 0);
            } else {
                holder.execute("COMMIT");
                run.wait().ok();
            }
        }
        assert_eq!(database.value(is_free).unwrap(), "1");
        assert_eq!(database.count(WORKSPACES), 3);
    }
}

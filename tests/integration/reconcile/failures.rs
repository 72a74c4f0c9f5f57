//! What a pass does when something fails, moves or takes too long.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene, id};
use crate::support::service::{WORKSPACES, hold_lock};
use crate::support::{everywhere, pass, postgres, servers, sqlite, wait_until};

/// Makes creates of one template fail.
fn break_template(database: &Database, template: &str) {
    let condition = format!("NEW.template_id = '{template}'");
    let reason = "out of \u{1b}[31mluck";
    database.refuse("INSERT ON workspaces", &condition, reason);
}

#[test]
fn a_preset_that_fails_does_not_keep_others_from_being_reconciled() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (bad, good) = (scene.template("bad"), scene.template("good"));
        let failing = scene.preset(&bad, "a", 2);
        // Another step of the failing preset, which goes on.
        scene.execute("UPDATE template_version_presets SET invalidate_after_secs = 60");
        let expired = scene.prebuild(&bad, &failing, Job::Succeeded, 3600);
        scene.preset(&good, "b", 2);
        break_template(database, &bad.template);

        let output = pass(database, &[]);
        output.expect_code(3);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(report["outcome"], "partial");
        assert_eq!([&report["created"], &report["deleted"]], [2, 1]);
        let entry = &report["presets"][0];
        assert_eq!(entry["deleted"], json!([expired.id]));
        assert_eq!(entry["created"], json!([]));
        let error = entry["error"].as_str().unwrap();
        assert!(
            error.contains("out of") && error.contains("creating workspaces"),
            "{error}"
        );
        assert_eq!(report["presets"][1]["error"], Value::Null);
        assert_eq!(database.count(WORKSPACES), 3);
        let jobs = "SELECT count(*) FROM provisioner_jobs WHERE type = 'workspace_build'";
        assert_eq!(database.count(jobs), 4, "no job without a build");
        let status = "SELECT DISTINCT prebuild_status FROM template_version_presets";
        assert_eq!(database.column(status), ["healthy"]);

        // With nothing left but the failing preset the whole pass has failed.
        let output = pass(database, &[]);
        output.expect_code(1);
        let table = prebuildctl(["reconcile-once"]).on(database).run();
        table.expect_code(1);
        for text in [&output.stdout, &output.stderr, &table.stdout, &table.stderr] {
            assert!(!text.contains('\u{1b}'), "{text:?}");
        }
    });
}

#[test]
fn a_loop_tells_once_of_a_preset_that_fails_in_every_pass() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let bad = scene.template("bad");
        scene.preset(&bad, "a", 2);
        break_template(database, &bad.template);
        let passes = ["loop", "--interval=20ms", "--max-passes=3"];
        let told = prebuildctl(passes).on(database).run().stderr;
        assert_eq!(told.matches("preset failed").count(), 1, "{told}");
        assert_eq!(told.matches("pass ended").count(), 3, "{told}");
    });
}

#[test]
fn a_status_that_can_not_be_stored_fails_its_preset_only() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let failing = scene.preset(&version, "a", 1);
        for age in [7200, 7300, 7400] {
            scene.prebuild(&version, &failing, Job::Failed, age);
        }
        scene.preset(&version, "b", 2);
        let statuses = "UPDATE ON template_version_presets";
        database.refuse(statuses, "true", "frozen");
        let output = pass(database, &[]);
        output.expect_code(3);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(
            [&report["created"], &report["outcome"]],
            [&json!(2), &json!("partial")]
        );
        let error = report["presets"][0]["error"].as_str().unwrap();
        assert!(error.contains("frozen"), "{error}");
    });
}

/// Runs a pass and calls `meanwhile` when it has planned and not yet written.
fn pass_and_meanwhile(database: &Database, meanwhile: impl FnOnce()) -> Value {
    let mut holder = database.session();
    // The snapshot does without this table, and the writes begin with it.
    holder.execute("BEGIN; LOCK TABLE provisioner_daemons IN ACCESS EXCLUSIVE MODE");
    let run = prebuildctl(["reconcile-once", "--format=json"])
        .on(database)
        .spawn();
    wait_until("the pass waits for the table", || is_blocked(database));
    meanwhile();
    holder.execute("COMMIT");
    run.wait().json()
}

/// Whether a session of the binary waits for a lock.
fn is_blocked(database: &Database) -> bool {
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
        AND datname = current_database() AND application_name = 'prebuildctl'";
    database.count(waiting) == 1
}

#[test]
fn what_moved_since_the_snapshot_is_a_lost_race() {
    for database in servers() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 0);
        let workspaces: Vec<_> = (0..6)
            .map(|n| scene.prebuild(&web, &pool, Job::Succeeded, 600 - n))
            .collect();
        let moving = scene.template("moving");
        scene.preset(&moving, "pool", 3);
        let next = scene.version(&moving.template, "v2");
        let old = scene.template("old");
        let outdated = scene.preset(&old, "pool", 1);
        let pending: Vec<_> = (0..4)
            .map(|_| scene.prebuild(&old, &outdated, Job::Pending, 60))
            .collect();
        scene.activate(&scene.version(&old.template, "v2"));

        let mut other = database.session();
        let report = pass_and_meanwhile(&database, || {
            let [claimed, held, restarted, removed, rebuilt] =
                [0, 1, 2, 3, 4].map(|n| &workspaces[n]);
            database.execute(&format!(
                "UPDATE workspaces SET owner_id = '{}' WHERE id = '{}';
                 UPDATE workspaces SET deleted = true WHERE id = '{}';
                 UPDATE workspaces SET owner_id = '{}', name = 'theirs' WHERE id = '{}'",
                scene.person, claimed.id, removed.id, scene.person, pending[2].id
            ));
            // A person starts two again, one of them in no time.
            let then = scene.ago(0);
            for (workspace, ended) in [(restarted, "NULL"), (rebuilt, &*format!("'{then}'"))] {
                let (build, job) = (id(), id());
                database.execute(&format!(
                    "INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at,
                        completed_at, organization_id, initiator_id, provisioner, storage_method,
                        type, input, file_id)
                     VALUES ('{job}', '{then}', '{then}', {ended}, {ended}, '{}', '{}',
                        'terraform', 'file', 'workspace_build', '{{}}', '{job}');
                     INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
                        template_version_id, build_number, transition, initiator_id, job_id)
                     VALUES ('{build}', '{then}', '{then}', '{}', '{}', 2, 'start', '{}', '{job}')",
                    scene.organization, scene.person, workspace.id, web.id, scene.person
                ));
            }
            scene.activate(&next);
            // A provisioner acquires one of the pending jobs, and is about to acquire another one.
            database.execute(&format!(
                "UPDATE provisioner_jobs SET started_at = '{then}', worker_id = '{}'
                 WHERE id = '{}'",
                id(),
                pending[0].job
            ));
            other.execute(&format!(
                "BEGIN; SELECT 1 FROM workspaces WHERE id = '{}' FOR UPDATE;
                 SELECT 1 FROM provisioner_jobs WHERE id = '{}' FOR UPDATE",
                held.id, pending[3].job
            ));
        });
        assert_eq!(report["outcome"], "applied");
        assert_eq!(report["created"], 0);
        assert_eq!(report["deleted"], 1);
        assert_eq!(report["cancelled"], 1);
        assert_eq!(report["lost_races"], 5 + 3 + 3);
        let deletes = "SELECT workspace_id FROM workspace_builds WHERE transition = 'delete'
            ORDER BY created_at";
        let mut expected = [workspaces[5].id.as_str(), &pending[1].id];
        let mut found = database.column(deletes);
        found.sort();
        expected.sort_unstable();
        assert_eq!(found, expected);
        other.execute("ROLLBACK");
        assert_eq!(
            pass(&database, &[]).json()["deleted"],
            2,
            "the one that was held, and the one that was built again"
        );
    }
}

/// Twelve templates with a pool of one workspace each, in the order of a pass.
fn twelve_pools(scene: &Scene) -> Vec<String> {
    let template = |number| {
        let version = scene.template(&format!("web{number:02}"));
        scene.preset(&version, "pool", 1);
        version.template
    };
    (0..12).map(template).collect()
}

#[test]
fn where_others_lock_a_whole_table_a_pass_gives_up_and_leaves_the_rest_to_the_next_one() {
    let Some(database) = postgres() else { return };
    let scene = Scene::new(&database);
    twelve_pools(&scene);
    let mut holder = database.session();
    holder.execute("BEGIN; LOCK TABLE workspaces IN SHARE MODE");
    let output = pass(&database, &[]);
    let report = output.json();
    assert_eq!(
        (&report["created"], &report["lost_races"]),
        (&json!(0), &json!(12))
    );
    assert!(
        output.stderr.contains("others keep this pass waiting"),
        "{output:?}"
    );
    holder.execute("COMMIT");
    assert_eq!(pass(&database, &[]).json()["created"], 12);
}

#[test]
fn rows_that_others_hold_here_and_there_keep_no_other_pool_waiting() {
    let Some(database) = postgres() else { return };
    let scene = Scene::new(&database);
    let mut holder = database.session();
    holder.execute("BEGIN");
    for template in twelve_pools(&scene).iter().step_by(2) {
        // A new workspace refers to its template.
        holder.execute(&format!(
            "SELECT 1 FROM templates WHERE id = '{template}' FOR UPDATE"
        ));
    }
    let report = pass(&database, &[]).json();
    assert_eq!(
        (&report["created"], &report["lost_races"]),
        (&json!(6), &json!(6))
    );
}

#[test]
fn a_preset_that_was_deleted_meanwhile_fails_alone() {
    for database in servers() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let gone = scene.preset(&web, "gone", 1);
        scene.preset(&web, "kept", 1);
        let mut holder = database.session();
        holder.execute("BEGIN; LOCK TABLE provisioner_daemons IN ACCESS EXCLUSIVE MODE");
        let run = prebuildctl(["reconcile-once", "--format=json"])
            .on(&database)
            .spawn();
        wait_until("the pass waits", || is_blocked(&database));
        database.execute(&format!(
            "DELETE FROM template_version_presets WHERE id = '{gone}'"
        ));
        holder.execute("COMMIT");
        let output = run.wait();
        output.expect_code(3);
        assert_eq!(database.count(WORKSPACES), 1);
    }
}

#[test]
fn a_pass_that_takes_too_long_is_given_up_and_undone() {
    for database in servers() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 5);
        let before = database.dump();
        let mut holder = database.session();
        holder.execute("BEGIN; LOCK TABLE provisioner_daemons IN ACCESS EXCLUSIVE MODE");
        let output = pass(&database, &["--timeout=1s"]);
        output.expect_code(1);
        assert!(output.stderr.contains("--timeout"), "{output:?}");
        holder.execute("COMMIT");
        wait_until("the server has let go", || {
            let sessions = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND application_name = 'prebuildctl'";
            database.count(sessions) == 0
        });
        assert!(before == database.dump());
    }
}

#[test]
fn a_pass_that_waits_too_long_for_a_file_is_given_up_and_undone() {
    let database = sqlite();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    scene.preset(&web, "pool", 5);
    let before = database.dump();
    let lock = hold_lock(&database);
    let output = pass(&database, &["--timeout=500ms", "--wait-lock=1m"]);
    output.expect_code(1);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("Raise --timeout"), "{output:?}");
    drop(lock);
    assert!(before == database.dump());
    let report = pass(&database, &["--fail-if-locked"]).json();
    assert_eq!(report["created"], 5);
}

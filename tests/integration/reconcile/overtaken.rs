//! A pass lets the lock go between its reading and its writing: whoever comes in between, coderd or another
//! pass, is noticed, and the pass reads anew.

use std::thread;

use serde_json::Value;

use crate::support::database::{Database, Session};
use crate::support::process::{Running, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::service::WORKSPACES;
use crate::support::{coder_releases, pass, postgres, wait_until};

/// The last table that a pass reads on the way to its plan but for those with builds.
const SCHEDULES: &str = "template_version_preset_prebuild_schedules";

/// Databases with a lock to let go.
fn databases() -> impl Iterator<Item = Database> {
    let releases = coder_releases().map(|(_, database)| database);
    postgres().into_iter().chain(releases)
}

/// Starts a pass that has fixed its snapshot, and has it wait there under the lock.
fn start_reading(database: &Database, holder: &mut Session) -> Running {
    holder.execute(&format!(
        "BEGIN; LOCK TABLE {SCHEDULES} IN ACCESS EXCLUSIVE MODE"
    ));
    let arguments = ["reconcile-once", "--format=json", "--wait-lock=40s"];
    let run = prebuildctl(arguments).on(database).spawn();
    wait_until("the pass reads", || {
        database.count(&waiting("relation")) == 1
    });
    run
}

/// Counts the sessions that wait for a lock of this kind.
fn waiting(kind: &str) -> String {
    format!(
        "SELECT count(*) FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
         WHERE a.datname = current_database() AND l.locktype = '{kind}' AND NOT l.granted"
    )
}

/// Takes the reconciliation lock in the open transaction of a session, as soon as the pass that reads
/// lets it go, and lets that pass read on.
fn overtake(database: &Database, mut overtaker: Session, holder: &mut Session) -> Session {
    let queued = thread::spawn(move || {
        overtaker.execute("SELECT pg_advisory_xact_lock(7)");
        overtaker
    });
    wait_until("the other pass waits for the lock", || {
        database.count(&waiting("advisory")) == 1
    });
    holder.execute("COMMIT");
    queued.join().expect("the lock")
}

/// The report of a pass in whose midst somebody else does some work under the lock.
fn report_of_overtaken(database: &Database, work: impl FnOnce()) -> Value {
    let mut holder = database.session();
    let run = start_reading(database, &mut holder);
    let mut overtaker = database.session();
    overtaker.execute("BEGIN");
    let mut overtaker = overtake(database, overtaker, &mut holder);
    // Committed one by one under the lock of another transaction, which is coderd's way.
    work();
    overtaker.execute("COMMIT");
    run.wait().json()
}

#[test]
fn a_pool_that_another_pass_fills_between_reading_and_writing_is_filled_once() {
    for database in databases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let preset = scene.preset(&web, "pool", 3);
        scene.prebuild(&web, &preset, Job::Succeeded, 60);
        let report = report_of_overtaken(&database, || {
            scene.prebuild(&web, &preset, Job::Pending, 1);
            // Built by now, so that only its workspace tells.
            scene.prebuild(&web, &preset, Job::Succeeded, 1);
        });
        assert_eq!(report["outcome"], "nothing_to_do", "{report:#}");
        assert_eq!(database.count(WORKSPACES), 3);
    }
}

#[test]
fn a_pool_that_another_pass_shrinks_between_reading_and_writing_is_shrunk_once() {
    for database in databases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let preset = scene.preset(&web, "pool", 1);
        let members = [400, 300, 200].map(|age| scene.prebuild(&web, &preset, Job::Succeeded, age));
        let report = report_of_overtaken(&database, || {
            // The other two than this pass has chosen.
            for member in &members[1..] {
                delete(&database, &member.id);
            }
        });
        assert_eq!(report["deleted"], 0, "{report:#}");
        let deletes = "SELECT count(*) FROM workspace_builds WHERE transition = 'delete'";
        assert_eq!(database.count(deletes), 2);
    }
}

/// Queues the delete build of a workspace, as the prebuilds user.
fn delete(database: &Database, workspace: &str) {
    database.execute(&format!(
        "WITH last AS (
            SELECT b.*, j.organization_id AS organization, j.file_id AS file
            FROM workspace_builds AS b JOIN provisioner_jobs AS j ON j.id = b.job_id
            WHERE b.workspace_id = '{workspace}'
         ), job AS (
            INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id,
                provisioner, storage_method, file_id, type, input)
            SELECT gen_random_uuid(), now(), now(), organization, initiator_id, 'terraform', 'file', file,
                'workspace_build', '{{}}'
            FROM last
            RETURNING id
         )
         INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id, template_version_id,
            build_number, transition, initiator_id, job_id)
         SELECT gen_random_uuid(), now(), now(), workspace_id, template_version_id, 2, 'delete',
            initiator_id, job.id
         FROM last, job"
    ));
}

#[test]
fn creates_behind_a_savepoint_that_were_there_before_the_snapshot_but_not_committed_are_noticed() {
    for database in databases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let preset = scene.preset(&web, "pool", 2);
        // Everything that the other pass writes has numbers of subtransactions from before the snapshot.
        scene.execute("BEGIN; SAVEPOINT step");
        for _ in 0..2 {
            scene.prebuild(&web, &preset, Job::Succeeded, 1);
        }
        scene.execute("RELEASE SAVEPOINT step");
        let mut holder = database.session();
        let run = start_reading(&database, &mut holder);
        let mut overtaker = database.session();
        overtaker.execute("BEGIN");
        let mut overtaker = overtake(&database, overtaker, &mut holder);
        scene.execute("COMMIT");
        overtaker.execute("COMMIT");
        let report = run.wait().json();
        assert_eq!(report["outcome"], "nothing_to_do", "{report:#}");
        assert_eq!(database.count(WORKSPACES), 2);
    }
}

#[test]
fn old_transactions_that_are_still_open_keep_no_pass_from_its_work() {
    for database in databases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let mut old = database.session();
        old.execute("BEGIN; SELECT pg_current_xact_id()");
        // All of this is younger than that transaction.
        let preset = scene.preset(&web, "pool", 4);
        scene.prebuild(&web, &preset, Job::Succeeded, 60);
        scene.prebuild(&web, &preset, Job::Pending, 60);
        assert_eq!(pass(&database, &["--fail-if-locked"]).json()["created"], 2);
        assert_eq!(pass(&database, &[]).json()["outcome"], "nothing_to_do");
    }
}

#[test]
fn a_stop_whose_workspace_somebody_holds_is_left_to_the_next_pass() {
    let Some(database) = postgres() else { return };
    let run = |command: &str| prebuildctl(command.split(' ')).on(&database).run();
    let pools = "[[organizations]]\nname = 'acme'\n[[users]]\nusername = 'ada'\norganizations = ['acme']\n\
                 [[templates]]\norganization = 'acme'\nname = 'web'\n\
                 [[templates.presets]]\nname = 'small'\ninstances = 1\n";
    let apply = prebuildctl(["apply", "-"]).on(&database).stdin(pools);
    apply.run().ok();
    run("reconcile-once").ok();
    run("provision --drain --simulate --build-time 0s").ok();
    run("claim --preset small --user ada --name box --ttl 1h").ok();
    run("provision --drain --simulate --build-time 0s").ok();
    database.execute(
        "UPDATE workspace_builds SET deadline = now() - interval '1 day' WHERE build_number = 2",
    );
    let mut other = database.session();
    other.execute("BEGIN; SELECT 1 FROM workspaces FOR UPDATE");
    let claimed = || run("reconcile-once --format json").json()["claimed"][0].clone();
    let left = claimed();
    assert_eq!(
        (&left["job_id"], &left["error"]),
        (&Value::Null, &Value::Null)
    );
    other.execute("ROLLBACK");
    assert!(claimed()["job_id"].is_string());
}

#[test]
fn a_pause_between_reading_and_writing_is_obeyed() {
    for database in databases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 3);
        let report = report_of_overtaken(&database, || {
            prebuildctl(["pause"]).on(&database).run().ok();
        });
        assert_eq!(report["outcome"], "paused", "{report:#}");
        assert_eq!(database.count(WORKSPACES), 0);
    }
}

#[test]
fn a_pool_that_is_scaled_or_declared_anew_between_reading_and_writing_is_as_large_as_it_is_by_then()
{
    for change in ["scale pool=1", "apply -"] {
        let Some(database) = postgres() else { return };
        let pools = |instances: u32| {
            format!(
                "[[organizations]]\nname = 'acme'\n[[templates]]\norganization = 'acme'\nname = 'web'\n\
                 [[templates.presets]]\nname = 'pool'\ninstances = {instances}\n"
            )
        };
        let run = |command: &str, input: &str| {
            let run = prebuildctl(command.split(' ')).on(&database);
            run.stdin(input).run().ok();
        };
        run("apply -", &pools(3));
        let report = report_of_overtaken(&database, || run(change, &pools(1)));
        assert_eq!(report["created"], 1, "{change}: {report:#}");
        assert_eq!(database.count(WORKSPACES), 1);
    }
}

#[test]
fn members_of_a_version_that_is_promoted_again_between_reading_and_writing_stay() {
    for database in databases() {
        let scene = Scene::new(&database);
        let old = scene.template("web");
        let preset = scene.preset(&old, "pool", 2);
        for age in [200, 100] {
            scene.prebuild(&old, &preset, Job::Succeeded, age);
        }
        let new = scene.version(&old.template, "v2");
        scene.preset(&new, "pool", 0);
        scene.activate(&new);
        let report = report_of_overtaken(&database, || scene.activate(&old));
        assert_eq!(report["deleted"], 0, "{report:#}");
        let deletes = "SELECT count(*) FROM workspace_builds WHERE transition = 'delete'";
        assert_eq!(database.count(deletes), 0);
    }
}

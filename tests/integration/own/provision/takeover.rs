//! Workers that die, sleep or lose their database; jobs that are cancelled.

use super::*;
use crate::support::bouncer::Bouncer;
use crate::support::cluster::Cluster;
use crate::support::process::Running;

/// A worker that gives up on others soon.
const HASTY: [&str; 5] = ["--drain", "--heartbeat", "100ms", "--stale-after", "1s"];

pub(super) const SLEEPER: &str = r#"echo $$ > "$OUT/started"; exec sleep 60"#;

/// Ends the build of a worker that no longer can.
fn end_build(out: &TestDir) {
    let id = std::fs::read_to_string(out.join("started")).expect("a process id");
    // It may have ended by itself.
    let _ended = std::process::Command::new("kill").arg(id.trim()).status();
}

/// A worker that has begun to build the only job by this script, and the script's folder.
fn begin(database: &Database, options: &[&str], script: &str) -> (TestDir, Running) {
    queue(database, &one());
    let out = TestDir::new();
    let worker = by_script(database, &out, options, script).spawn();
    wait_for(&out.join("started"));
    (out, worker)
}

/// The worker ends well, and says that its job is another's.
#[track_caller]
fn ends_without_its_job(worker: Running) {
    let output = worker.wait();
    output.ok();
    assert!(
        output.stderr.contains("another worker has its job"),
        "{}",
        output.stderr
    );
}

#[test]
fn the_jobs_of_a_dead_worker_are_taken_over() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let worker = by_script(database, &out, &["--heartbeat", "100ms"], SLEEPER).spawn();
        wait_for(&out.join("started"));
        worker.signal("KILL");
        worker.wait().expect_code(128 + 9);
        end_build(&out);

        // Not at once: it could only be slow.
        build(database, &out, "true").ok();
        assert_eq!(statuses(database), ["running"]);
        std::thread::sleep(Duration::from_millis(1200));
        let arguments = ["--simulate", "--build-time", "0s", "--format", "json"];
        let summary = provision(database, &[&arguments[..], &HASTY].concat())
            .run()
            .json();
        assert_eq!(summary["taken_over"], 1);
        assert_eq!(summary["succeeded"], 1);
        assert_eq!(statuses(database), ["succeeded"]);
        let told = "SELECT count(*) FROM provisioner_job_logs
                    WHERE level = 'warn' AND output LIKE 'taken over from a worker%'";
        assert_eq!(database.count(told), 1);
        run(database, "plan --detailed-exitcode").expect_code(0);
    });
}

#[test]
fn what_a_killed_worker_has_left_running_is_ended_by_the_next_one_on_its_host() {
    both(|database| {
        let stubborn = r#"trap '' TERM; echo $PREBUILDCTL_STATE_FILE $$ > "$OUT/s"; mv "$OUT/s" "$OUT/started"; while :; do sleep 1; done"#;
        let (out, worker) = begin(database, &[], stubborn);
        worker.kill_unless_over();
        let started = std::fs::read_to_string(out.join("started")).expect("a process");
        let (state, id) = started.trim().split_once(' ').expect("a file and an id");
        assert!(Path::new(state).exists());
        build(database, &out, "true").ok();
        // Nobody may have asked how it has ended.
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
        assert!(
            status.is_empty() || status.contains("State:\tZ"),
            "{status}"
        );
        assert!(!Path::new(state).exists());
    });
}

#[test]
fn a_worker_that_slept_does_not_finish_a_job_twice() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = r#"
            touch "$OUT/started"
            while ! test -e "$OUT/go"; do sleep 0.02; done
            echo late > "$PREBUILDCTL_STATE_FILE""#;
        // A heartbeat that doesn't come before the end: only the end itself can find out.
        let sleeper = by_script(database, &out, &["--drain", "--stale-after", "1h"], script);
        let sleeper = sleeper.spawn();
        wait_for(&out.join("started"));
        // Not in the middle of a write: nobody can take SQLite's lock from a process that sleeps.
        std::thread::sleep(Duration::from_millis(500));
        sleeper.signal("STOP");
        std::thread::sleep(Duration::from_millis(1200));
        let arguments = ["--simulate", "--build-time", "0s"];
        provision(database, &[&arguments[..], &HASTY].concat())
            .run()
            .ok();
        let before = database.rows("SELECT worker_id, completed_at FROM provisioner_jobs");
        out.write("go", "");
        sleeper.signal("CONT");
        ends_without_its_job(sleeper);
        assert_eq!(
            database.rows("SELECT worker_id, completed_at FROM provisioner_jobs"),
            before
        );
        assert_eq!(
            database.count("SELECT count(*) FROM workspace_resources"),
            1
        );
        let state = "SELECT length(provisioner_state) FROM workspace_builds";
        assert_eq!(database.value(state).as_deref(), Some("0"));
    });
}

#[test]
fn a_worker_gives_a_build_up_whose_job_is_taken() {
    both(|database| {
        let options = ["--drain", "--heartbeat", "100ms"];
        let (_out, worker) = begin(database, &options, SLEEPER);
        database.execute(&format!(
            "UPDATE provisioner_jobs SET worker_id = '{}' WHERE type = 'workspace_build'",
            uuid::Uuid::new_v4()
        ));
        ends_without_its_job(worker);
        assert_eq!(statuses(database), ["running"]);
    });
}

#[test]
fn a_cancelled_build_is_ended() {
    both(|database| {
        let options = ["--drain", "--heartbeat", "100ms"];
        let (out, worker) = begin(database, &options, SLEEPER);
        database.execute(
            "UPDATE provisioner_jobs SET canceled_at = updated_at WHERE type = 'workspace_build'",
        );
        let output = worker.wait();
        output.ok();
        let told = "0 builds succeeded, 0 failed, 1 cancelled.";
        assert!(output.stderr.contains(told), "{output:?}");
        assert_eq!(statuses(database), ["canceled"]);
        let id = std::fs::read_to_string(out.join("started")).expect("a process id");
        assert!(!Path::new(&format!("/proc/{}", id.trim())).exists());
    });
}

#[test]
fn a_lost_connection_costs_no_build() {
    let Some(database) = postgres() else { return };
    queue(&database, &one());
    let out = TestDir::new();
    let script = r#"
        touch "$OUT/started"; while ! test -e "$OUT/go"; do sleep 0.02; done; echo said"#;
    let worker = by_script(&database, &out, &["--drain"], script).spawn();
    wait_for(&out.join("started"));
    database.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND application_name = 'prebuildctl'",
    );
    out.write("go", "");
    worker.wait().ok();
    assert_eq!(statuses(&database), ["succeeded"]);
    let said = "SELECT count(*) FROM provisioner_job_logs WHERE output = 'said'";
    assert_eq!(database.count(said), 1);
}

#[test]
fn a_database_that_is_away_is_told_once_and_costs_no_build() {
    if crate::support::cluster::postgres().is_none() {
        return;
    }
    let Some(server) = Cluster::private() else {
        return;
    };
    let database = Database::borrowed(&server.url("postgres"));
    run(&database, "init").ok();
    queue(&database, &one());
    let out = TestDir::new();
    let script = r#"touch "$OUT/started"; while ! test -e "$OUT/go"; do sleep 0.02; done"#;
    let options = ["--drain", "--heartbeat", "100ms"];
    let worker = by_script(&database, &out, &options, script).spawn();
    wait_for(&out.join("started"));
    server.stop("fast");
    worker.await_stderr("trying again");
    // Ten heartbeats, as many attempts.
    std::thread::sleep(Duration::from_secs(1));
    server.restart();
    worker.await_stderr("the database answers again");
    out.write("go", "");
    let output = worker.wait();
    output.ok();
    assert_eq!(statuses(&database), ["succeeded"]);
    let mut told: Vec<&str> = output
        .stderr
        .lines()
        .filter(|it| it.contains("trying again"))
        .collect();
    let all = told.len();
    told.iter_mut()
        .for_each(|line| *line = line.split_once("WARN").expect("a level").1);
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), all, "{}", output.stderr);
}

#[test]
fn a_failover_costs_no_build() {
    let Some(server) = Cluster::private() else {
        return;
    };
    let database = Database::borrowed(&server.url("postgres"));
    run(&database, "init").ok();
    let options = ["--drain", "--heartbeat", "100ms"];
    let (out, worker) = begin(&database, &options, WAITER);
    server.stop("fast");
    server.restart_as_standby();
    worker.await_stderr("during recovery");
    // Who begins on a standby is told at once.
    let other = run(&database, "provision --simulate --drain");
    other.expect_code(1);
    assert!(other.stderr.contains("(a standby?)"), "{other:?}");
    server.promote();
    worker.await_stderr("the database answers again");
    out.write("go", "");
    worker.wait().ok();
    assert_eq!(statuses(&database), ["succeeded"]);
}

#[test]
fn a_pooler_without_a_server_costs_no_build() {
    let Some(server) = Cluster::private() else {
        return;
    };
    let Some(pooler) = Bouncer::before(&server, 1, Duration::from_secs(1)) else {
        return;
    };
    let database = Database::borrowed(&pooler.url_of("postgres"));
    run(&database, "init").ok();
    let options = ["--drain", "--heartbeat", "100ms"];
    let (out, worker) = begin(&database, &options, WAITER);
    server.stop("fast");
    // It ends the session of who has waited for too long.
    worker.await_stderr("query_wait_timeout");
    server.restart();
    worker.await_stderr("the database answers again");
    out.write("go", "");
    worker.wait().ok();
    assert_eq!(statuses(&database), ["succeeded"]);
}

/// Runs until there is a file `go`.
pub(super) const WAITER: &str =
    r#"echo >> "$OUT/started"; while ! test -e "$OUT/go"; do sleep 0.02; done"#;

/// Makes the job that is being built another worker's, which goes unnoticed until the next heartbeat.
fn give_job_away(database: &Database) {
    database.execute(&format!(
        "UPDATE provisioner_jobs SET worker_id = '{}' WHERE type = 'workspace_build'",
        uuid::Uuid::new_v4()
    ));
}

/// Waits for the first heartbeat, which comes as soon as the worker is busy: the next one is far away.
pub(super) fn await_heartbeat(database: &Database) {
    let beats = "SELECT count(*) FROM provisioner_jobs
                 WHERE job_status = 'running' AND updated_at > started_at";
    until(database, beats, 1);
}

#[test]
fn a_job_that_was_just_taken_is_no_other_worker_s_however_long_it_waited() {
    both(|database| {
        queue(database, POOLS);
        database.execute(
            "UPDATE provisioner_jobs SET updated_at = '2020-01-01T00:00:00.000000Z'
             WHERE type = 'workspace_build'",
        );
        let out = TestDir::new();
        let script = format!(
            r#"test -e "$OUT/second" || {{
                while test -d "$OUT" && ! test -e "$OUT/second"; do sleep 0.02; done; exit; }}; {WAITER}"#
        );
        let options = ["--parallel=1", "--heartbeat=10m", "--stale-after=1h"];
        let _worker = by_script(database, &out, &options, &script).spawn();
        await_heartbeat(database);
        out.write("second", "");
        wait_for(&out.join("started"));
        simulate(database);
        let mut statuses = statuses(database);
        statuses.sort_unstable();
        assert_eq!(statuses, ["running", "succeeded", "succeeded"]);
    });
}

#[test]
fn a_worker_that_takes_more_jobs_leaves_its_own_alone_however_long_it_slept() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let options = [
            "--drain",
            "--parallel=2",
            "--poll-interval=100ms",
            "--heartbeat=10m",
            "--stale-after=1h",
        ];
        let worker = by_script(database, &out, &options, WAITER).spawn();
        await_heartbeat(database);
        wait_for(&out.join("started"));
        database.execute(
            "UPDATE provisioner_jobs SET updated_at = '2020-01-01T00:00:00.000000Z'
             WHERE type = 'workspace_build'",
        );
        queue(database, &POOLS.replace("instances = 3", "instances = 2"));
        let begun = || std::fs::read_to_string(out.join("started")).map_or(0, |it| it.len());
        wait_until("two builds have begun", || begun() >= 2);
        out.write("go", "");
        worker.wait().ok();
        assert_eq!(begun(), 2);
        assert_eq!(statuses(database), ["succeeded", "succeeded"]);
    });
}

#[test]
fn a_worker_records_no_end_of_a_job_that_another_one_is_building() {
    both(|database| {
        let script = format!("{WAITER}; echo late > \"$PREBUILDCTL_STATE_FILE\"");
        let options = ["--drain", "--heartbeat=10m", "--stale-after=1h"];
        let (out, worker) = begin(database, &options, &script);
        await_heartbeat(database);
        give_job_away(database);
        let before = database.dump();
        out.write("go", "");
        ends_without_its_job(worker);
        let after = database.dump();
        for table in [
            "provisioner_jobs",
            "workspace_builds",
            "workspace_resources",
        ] {
            assert_eq!(after.get(table), before.get(table), "{table}");
        }
    });
}

#[test]
fn a_worker_that_ends_puts_no_job_back_that_another_one_is_building() {
    both(|database| {
        let options = ["--grace=100ms", "--heartbeat=10m", "--stale-after=1h"];
        let (_out, worker) = begin(database, &options, SLEEPER);
        await_heartbeat(database);
        give_job_away(database);
        let row = "SELECT worker_id, started_at, updated_at FROM provisioner_jobs
                   WHERE type = 'workspace_build'";
        let before = database.rows(row);
        worker.signal("TERM");
        worker.wait().expect_code(143);
        assert_eq!(database.rows(row), before);
        assert_eq!(statuses(database), ["running"]);
    });
}

/// Makes the job that is being built wait again, as another worker does that takes it for a dead one's.
fn requeue(database: &Database) {
    database
        .execute("UPDATE provisioner_jobs SET started_at = NULL WHERE type = 'workspace_build'");
}

fn until_taken(database: &Database) {
    let taken = "SELECT count(*) FROM provisioner_jobs
                 WHERE type = 'workspace_build' AND started_at IS NOT NULL";
    until(database, taken, 1);
}

#[test]
fn a_job_is_not_begun_again_before_its_lost_build_has_ended() {
    both(|database| {
        let script = r#"
            if test -e "$OUT/started"; then
                test -e "$OUT/over" || touch "$OUT/overlap"
                echo fresh > "$PREBUILDCTL_STATE_FILE"
                exit
            fi
            trap '
                touch "$OUT/asked"
                while ! test -e "$OUT/go"; do sleep 0.02; done
                echo old > "$PREBUILDCTL_STATE_FILE"
                touch "$OUT/over"
                exit 1' TERM
            touch "$OUT/started"
            while :; do sleep 0.02; done"#;
        let options = ["--parallel=2", "--poll-interval=50ms", "--heartbeat=100ms"];
        let (out, worker) = begin(database, &options, script);
        give_job_away(database);
        wait_for(&out.join("asked"));
        requeue(database);
        until_taken(database);
        out.write("go", "");
        let done = "SELECT count(*) FROM provisioner_jobs
                    WHERE type = 'workspace_build' AND completed_at IS NOT NULL";
        until(database, done, 1);
        worker.signal("TERM");
        let output = worker.wait();
        output.ok();
        assert!(!out.join("overlap").exists(), "{output:?}");
        assert_eq!(statuses(database), ["succeeded"]);
        let state = database.value("SELECT provisioner_state FROM workspace_builds");
        assert_eq!(state.as_deref(), Some("\\x66726573680a"));
        let told = "1 build succeeded, 0 failed, 0 cancelled.";
        assert!(output.stderr.contains(told), "{output:?}");
    });
}

#[test]
fn a_build_goes_on_whose_job_its_worker_takes_again_before_it_misses_it() {
    both(|database| {
        let options = [
            "--parallel=2",
            "--poll-interval=50ms",
            "--heartbeat=10m",
            "--stale-after=1h",
        ];
        let (out, worker) = begin(database, &options, WAITER);
        await_heartbeat(database);
        requeue(database);
        until_taken(database);
        // Longer than jobs are held that are taken ahead.
        std::thread::sleep(Duration::from_secs(1));
        out.write("go", "");
        let done = "SELECT count(*) FROM provisioner_jobs WHERE job_status = 'succeeded'
                    AND type = 'workspace_build'";
        until(database, done, 1);
        worker.signal("TERM");
        let output = worker.wait();
        output.ok();
        let told = "1 build succeeded, 0 failed, 0 cancelled.";
        assert!(output.stderr.contains(told), "{output:?}");
        let begun = std::fs::read_to_string(out.join("started")).expect("it began");
        assert_eq!(begun, "\n");
    });
}

#[test]
fn a_drain_whose_last_build_is_lost_looks_for_more_jobs() {
    both(|database| {
        queue(database, &POOLS.replace("instances = 3", "instances = 2"));
        let out = TestDir::new();
        let script = r#"test -e "$OUT/started" && exit; touch "$OUT/started"; exec sleep 60"#;
        let options = ["--drain", "--parallel=1", "--heartbeat=100ms"];
        let worker = by_script(database, &out, &options, script).spawn();
        wait_for(&out.join("started"));
        database.execute(&format!(
            "UPDATE provisioner_jobs SET worker_id = '{}' WHERE job_status = 'running'",
            uuid::Uuid::new_v4()
        ));
        ends_without_its_job(worker);
        let mut statuses = statuses(database);
        statuses.sort_unstable();
        assert_eq!(statuses, ["running", "succeeded"]);
    });
}

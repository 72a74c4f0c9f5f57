//! Workers that are told to end: what becomes of their builds and jobs.

use super::takeover::SLEEPER;
use super::*;
use crate::support::cluster::Cluster;

#[test]
fn builds_that_outlast_the_grace_are_ended_with_all_their_processes_and_put_back() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        // The command and its child both turn a deaf ear to SIGTERM.
        let script = r#"
            trap "" TERM
            sh -c 'echo $$ > "$OUT/child"; while :; do sleep 1; done' &
            printf half > "$PREBUILDCTL_STATE_FILE"
            echo $$ > "$OUT/started"
            while :; do sleep 1; done"#;
        let worker = by_script(database, &out, &["--grace", "100ms"], script).spawn();
        wait_for(&out.join("started"));
        wait_for(&out.join("child"));
        worker.signal("TERM");
        worker.await_stderr("Waiting at most 100ms for 1 build to end");
        worker.wait().expect_code(143);
        assert_eq!(statuses(database), ["pending"]);
        for process in ["started", "child"] {
            wait_until("the process is gone", || !is_alive(&out.join(process)));
        }
        // What the state says exists: the next build goes on from there.
        build(
            database,
            &out,
            r#"cp "$PREBUILDCTL_STATE_FILE" "$OUT/state""#,
        )
        .ok();
        assert_eq!(statuses(database), ["succeeded"]);
        let state = std::fs::read_to_string(out.join("state"));
        assert_eq!(state.unwrap(), "half");
    });
}

#[test]
fn a_build_that_is_ended_by_the_same_signal_as_its_worker_is_put_back() {
    both(|database| {
        for worker_first in [true, false] {
            queue(database, &one());
            let out = TestDir::new();
            let worker = by_script(database, &out, &[], SLEEPER).spawn();
            wait_for(&out.join("started"));
            let id = std::fs::read_to_string(out.join("started")).expect("a process id");
            let mut both = [worker.id().to_string(), id.trim().to_owned()];
            if !worker_first {
                both.reverse();
            }
            // By one process: what comes apart for long is no longer the same signal to a worker.
            let sent = std::process::Command::new("kill").args(both).status();
            assert!(sent.expect("kill is there").success());
            worker.wait().ok();
            assert_eq!(statuses(database), ["pending"]);
        }
        // Without a signal to the worker it is a failure like any other.
        let out = TestDir::new();
        build(database, &out, "kill $$").ok();
        assert_eq!(statuses(database), ["failed"]);
    });
}

#[test]
fn what_a_build_that_was_put_back_has_left_is_deleted_by_a_build() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script =
            r#"printf container > "$PREBUILDCTL_STATE_FILE"; touch "$OUT/started"; sleep 600"#;
        let worker = by_script(database, &out, &["--grace", "100ms"], script).spawn();
        wait_for(&out.join("started"));
        worker.signal("TERM");
        worker.wait().expect_code(143);
        // The version is superseded before the build has ended.
        apply(
            database,
            &one().replace(r#"default = "10""#, r#"default = "11""#),
        );
        let script =
            r#"echo "$PREBUILDCTL_TRANSITION $(cat "$PREBUILDCTL_STATE_FILE")" >> "$OUT/built""#;
        for _ in 0..2 {
            run(database, "reconcile-once").ok();
            build(database, &out, script).ok();
        }
        let built = std::fs::read_to_string(out.join("built")).unwrap();
        let mut built: Vec<&str> = built.lines().map(str::trim).collect();
        built.sort_unstable();
        assert_eq!(built, ["delete container", "start", "start container"]);
    });
}

#[test]
fn the_first_signal_lets_builds_end() {
    both(|database| {
        queue(database, POOLS);
        let out = TestDir::new();
        let script = r#"touch "$OUT/started"; while ! test -e "$OUT/go"; do sleep 0.02; done"#;
        let worker = by_script(database, &out, &["--parallel", "1"], script).spawn();
        wait_for(&out.join("started"));
        worker.signal("TERM");
        worker.await_stderr("Waiting at most");
        out.write("go", "");
        worker.wait().ok();
        assert_eq!(database.count(
            "SELECT count(*) FROM provisioner_jobs AS j JOIN workspace_builds AS b ON b.job_id = j.id
             WHERE job_status = 'succeeded'"), 1);
        assert_eq!(
            database.count("SELECT count(*) FROM provisioner_daemons"),
            0
        );
    });
}

#[test]
fn the_second_signal_ends_builds_and_puts_their_jobs_back() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let worker = by_script(database, &out, &[], SLEEPER).spawn();
        wait_for(&out.join("started"));
        worker.signal("INT");
        worker.await_stderr("Waiting at most");
        worker.signal("INT");
        worker.wait().expect_code(130);
        assert_eq!(statuses(database), ["pending"]);
        let id = std::fs::read_to_string(out.join("started")).expect("a process id");
        assert!(!Path::new(&format!("/proc/{}", id.trim())).exists());
        simulate(database);
        assert_eq!(statuses(database), ["succeeded"]);
    });
}

#[test]
fn an_idle_worker_ends_at_the_first_signal_while_its_database_is_away() {
    if crate::support::cluster::postgres().is_none() {
        return;
    }
    let Some(server) = Cluster::private() else {
        return;
    };
    let database = Database::borrowed(&server.url("postgres"));
    run(&database, "init").ok();
    apply(&database, POOLS);
    let arguments = ["--simulate", "--poll-interval", "50ms"];
    let worker = provision(&database, &arguments).spawn();
    until(&database, "SELECT count(*) FROM provisioner_daemons", 1);
    server.stop("fast");
    worker.await_stderr("trying again");
    worker.signal("TERM");
    worker.wait().ok();
}

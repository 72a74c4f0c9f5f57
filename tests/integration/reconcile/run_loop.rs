//! `loop`: when it runs passes, how it stops, and what it survives.

use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use crate::support::cluster::{self, Cluster};
use crate::support::database::{Database, Session};
use crate::support::process::{Running, TestDir, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::service::{
    WORKSPACES, declare, hold_lock, postgres_with_pool, start_loop, stop, until_workspaces,
    with_declared_pool, with_pool,
};
use crate::support::{coder_releases, everywhere, gate, wait_for_goodbye, wait_until};

/// Logged once signals are heard and just before the first pass.
const LISTENS: &str = "serving metrics";
const WITH_METRICS: [&str; 2] = ["--metrics-addr", "127.0.0.1:0"];
const WANT_3: &str = "UPDATE template_version_presets SET desired_instances = 3";

/// Sessions of this database that listen.
const LISTENING: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN%'";

/// A loop that has found nothing to do, and listens.
fn idle_loop(database: &Database) -> Running {
    prebuildctl(["reconcile-once"]).on(database).run().ok();
    assert_eq!(database.count(WORKSPACES), 2);
    let running = start_loop(&database.url, &["-vv"]);
    running.await_stderr("nothing_to_do");
    wait_until("the loop listens", || database.count(LISTENING) == 1);
    running
}

/// How many passes a log of `-vv` tells of.
fn passes(log: &str) -> usize {
    log.matches("pass ended").count()
}

#[test]
fn the_first_pass_is_at_once_and_a_signal_between_passes_ends_the_loop() {
    with_pool(|database| {
        for signal in ["INT", "TERM"] {
            let running = start_loop(&database.url, &["-vv"]);
            running.await_stderr("pass ended");
            until_workspaces(database, 2);
            running.signal(signal);
            running.wait().expect_code(0);
        }
    });
}

#[test]
fn the_first_signal_lets_the_pass_finish() {
    with_pool(|database| {
        let lock = hold_lock(database);
        let arguments = ["--wait-lock", "1m", WITH_METRICS[0], WITH_METRICS[1]];
        let mut running = start_loop(&database.url, &arguments);
        running.await_stderr(LISTENS);
        running.signal("TERM");
        running.await_stderr("stopping when this pass is done");
        assert!(running.is_running());
        drop(lock);
        running.wait().expect_code(0);
        assert_eq!(database.count(WORKSPACES), 2);
    });
}

#[test]
fn the_second_signal_undoes_the_pass() {
    with_pool(|database| {
        let lock = hold_lock(database);
        for (signal, code) in [("INT", 130), ("TERM", 143)] {
            let arguments = ["--wait-lock", "1m", WITH_METRICS[0], WITH_METRICS[1]];
            let running = start_loop(&database.url, &arguments);
            running.await_stderr(LISTENS);
            running.signal("INT");
            running.await_stderr("stopping when this pass is done");
            running.signal(signal);
            running.wait().expect_code(code);
        }
        drop(lock);
        assert_eq!(database.count(WORKSPACES), 0);
        prebuildctl(["reconcile-once", "--fail-if-locked"])
            .on(database)
            .run()
            .ok();
        assert_eq!(database.count(WORKSPACES), 2);
    });
}

#[test]
fn the_second_signal_leaves_nothing_half_written() {
    for database in postgres_with_pool() {
        // The pass gets as far as its last table.
        gate::build(&database, "workspace_builds", "true");
        let shut = gate::shut(&database);
        let running = start_loop(&database.url, &[]);
        gate::wait_for_comer(&database);
        running.signal("TERM");
        running.await_stderr("stopping when this pass is done");
        running.signal("TERM");
        running.wait().expect_code(143);
        drop(shut);
        wait_for_goodbye(&database);
        for table in ["workspaces", "workspace_builds"] {
            assert_eq!(database.count(&format!("SELECT count(*) FROM {table}")), 0);
        }
    }
}

#[test]
fn a_hangup_brings_a_pass() {
    for database in postgres_with_pool() {
        let running = idle_loop(&database);
        // Nobody is told of this.
        database.execute(WANT_3);
        running.signal("HUP");
        until_workspaces(&database, 3);
        stop(running);
    }
}

#[test]
fn a_changed_declaration_brings_a_pass() {
    with_declared_pool(|database| {
        let running = start_loop(&database.url, &[]);
        until_workspaces(database, 2);
        declare(&database.url, 3);
        until_workspaces(database, 3);
        stop(running);
    });
}

#[test]
fn what_coder_tells_brings_a_pass() {
    for notification in [
        r#"NOTIFY provisioner_job_posted, '{"type":"terraform"}'"#,
        r#"NOTIFY "workspace_owner:c42fdf75-3097-471c-8c33-fb52454d81c0",
            '{"kind":"state_change","workspace_id":"c42fdf75-3097-471c-8c33-fb52454d81c0"}'"#,
        "NOTIFY prebuildctl_changed",
        "SELECT pg_notify('template:' || id, '') FROM templates",
    ] {
        for database in postgres_with_pool() {
            let running = idle_loop(&database);
            database.execute(&format!("{WANT_3}; {notification}"));
            until_workspaces(&database, 3);
            stop(running);
        }
    }
}

#[test]
fn promotions_of_templates_that_came_after_the_loop_bring_a_pass() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        scene.preset(&scene.template("web"), "small", 2);
        let running = idle_loop(&database);
        scene.preset(&scene.template("later"), "late", 3);
        wait_until("the loop has heard of it", || {
            database.execute(
                "SELECT pg_notify('template:' || id, '') FROM templates WHERE name = 'later'",
            );
            database.count(WORKSPACES) == 5
        });
        stop(running);
    }
}

#[test]
fn a_claim_brings_a_pass() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "small", 1);
        scene.prebuild(&version, &preset, Job::Succeeded, 600);
        let running = start_loop(&database.url, &["-vv"]);
        running.await_stderr("nothing_to_do");
        if !database.is_sqlite() {
            wait_until("the loop listens", || database.count(LISTENING) == 1);
        }
        prebuildctl([
            "claim", "--preset", "small", "--user", "ann", "--name", "mine",
        ])
        .on(database)
        .run()
        .ok();
        until_workspaces(database, 2);
        stop(running);
    });
}

#[test]
fn what_anybody_writes_to_the_file_brings_a_pass() {
    with_pool(|database| {
        if !database.is_sqlite() {
            return;
        }
        let running = start_loop(&database.url, &[]);
        until_workspaces(database, 2);
        database.execute(WANT_3);
        until_workspaces(database, 3);
        stop(running);
    });
}

#[test]
fn it_ends_after_as_many_passes_as_it_is_told() {
    with_pool(|database| {
        let command = ["loop", "--interval", "20ms", "--max-passes", "3", "-vv"];
        let output = prebuildctl(command).on(database).run();
        output.ok();
        assert_eq!(passes(&output.stderr), 3, "{output:?}");
        assert_eq!(database.count(WORKSPACES), 2);
        assert_eq!(output.stdout, "");
    });
}

#[test]
fn passes_that_did_something_are_logged_and_quiet_silences_them() {
    with_pool(|database| {
        let run = |arguments: &[&str]| {
            let command = ["loop", "--max-passes", "1"];
            let output = prebuildctl(command.iter().chain(arguments))
                .on(database)
                .run();
            output.ok();
            output.stderr
        };
        assert_eq!(run(&["--quiet"]), "");
        assert_eq!(database.count(WORKSPACES), 2);
        let log = run(&["--max-delete", "10%"]);
        let lines: Vec<&str> = log.lines().collect();
        let [first, last] = lines[..] else {
            panic!("{log}")
        };
        let name = env!("CARGO_PKG_VERSION");
        assert!(first.contains(&format!("prebuildctl {name} keeps the pools of ")));
        let settings = ", with a pass every 1m, within --max-delete 10%";
        assert!(first.ends_with(settings), "{first}");
        assert!(last.ends_with("stopped after 1 pass: all passes are made"));
        database.execute(WANT_3);
        let log = run(&["--log-format", "json"]);
        let line = log.lines().nth(1).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "INFO");
        assert_eq!(line["outcome"], "applied");
        assert_eq!(line["created"], 1);
        assert_eq!(line["presets"], "acme/web/small");
    });
}

#[test]
fn paused_and_locked_passes_are_no_failures() {
    with_pool(|database| {
        let run = || {
            let command = ["loop", "--interval", "20ms", "--max-passes", "3"];
            let output = prebuildctl(command).on(database).run();
            output.ok();
            assert_eq!(database.count(WORKSPACES), 0);
            output.stderr
        };
        let lock = hold_lock(database);
        let log = run();
        assert_eq!(log.matches("another process holds the lock").count(), 1);
        assert!(!log.contains("WARN"), "{log}");
        drop(lock);
        prebuildctl(["pause"]).on(database).run().ok();
        let log = run();
        assert_eq!(log.matches("reconciliation is paused").count(), 1);
        assert!(!log.contains("WARN"), "{log}");
    });
}

#[test]
fn resume_brings_a_pass() {
    with_pool(|database| {
        prebuildctl(["pause"]).on(database).run().ok();
        let running = start_loop(&database.url, &[]);
        running.await_stderr("reconciliation is paused");
        prebuildctl(["resume"]).on(database).run().ok();
        until_workspaces(database, 2);
        running.await_stderr("reconciling again");
        stop(running);
    });
}

#[test]
fn what_only_an_operator_can_mend_ends_the_loop() {
    let run = |arguments: &[&str]| {
        let command = ["loop", "--interval", "1h"];
        prebuildctl(command.iter().chain(arguments)).run()
    };
    run(&["--database-url", "mysql://nowhere"]).expect_code(64);
    let output = run(&["--database-url", "sqlite:/nowhere/at.all"]);
    output.expect_code(1);
    assert!(output.stderr.contains("does not exist"), "{output:?}");
    assert!(output.stderr.contains("what to do"), "{output:?}");
    with_pool(|database| {
        run(&["--database-url", &database.url, "--template", "unknown"]).expect_code(1);
    });
    if let Some(server) = cluster::postgres() {
        run(&["--database-url", &server.url("no_such_database")]).expect_code(1);
        let empty = server.create_database("empty");
        run(&["--database-url", &empty.url]).expect_code(1);
    }
}

#[test]
fn a_server_that_is_not_there_yet_is_tried_again_and_told_once() {
    let url = "postgres://nobody@127.0.0.1:1/nothing";
    let arguments = ["--interval", "20ms", "--max-passes", "3"];
    let command = ["loop", "--database-url", url];
    let output = prebuildctl(command.iter().chain(&arguments)).run();
    // As long as nothing changes. The last pass failed, and whoever asked for three wants to know.
    output.expect_code(1);
    assert_eq!(output.stderr.matches("pass failed").count(), 1);
    assert!(output.stderr.contains("error: cannot connect"));
}

#[test]
fn a_lost_server_is_found_again() {
    let Some(server) = Cluster::private() else {
        return;
    };
    let url = server.url("postgres");
    prebuildctl(["init", "--database-url", &url]).run().ok();
    declare(&url, 2);
    let count = || {
        let workspaces = Session::try_open(&url).and_then(|mut it| it.try_rows(WORKSPACES));
        workspaces.ok().and_then(|rows| rows[0][0].clone())
    };
    let idle = start_loop(&url, &[]);
    let busy = prebuildctl(["loop", "--interval", "50ms", "--database-url", &url]).spawn();
    wait_until("both loops listen", || {
        Session::open(&url).value(LISTENING).as_deref() == Some("2")
    });
    wait_until("the pool is full", || count().as_deref() == Some("2"));
    busy.signal("STOP");
    Session::open(&url).execute(WANT_3);
    server.stop("immediate");
    busy.signal("CONT");
    busy.await_stderr("pass failed");
    idle.await_stderr("not listening for changes");
    server.restart();
    // One goes by its interval, the other one by its listening anew.
    busy.await_stderr("passes succeed again");
    idle.await_stderr("listening for changes again");
    wait_until("the pool is full again", || count().as_deref() == Some("3"));
    stop(idle);
    stop(busy);
    server.stop("fast");
}

#[test]
fn systemd_is_told() {
    let dir = TestDir::new();
    let path = dir.join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let hear = |expected: &str| {
        let mut buffer = [0; 64];
        loop {
            let length = socket.recv(&mut buffer).unwrap();
            let message = std::str::from_utf8(&buffer[..length]).unwrap().trim();
            if message == expected {
                return;
            }
            assert_eq!(message, "WATCHDOG=1");
        }
    };
    with_pool(|database| {
        let running = prebuildctl(["loop", "--interval", "1h"])
            .on(database)
            .env("NOTIFY_SOCKET", &path)
            .env("WATCHDOG_USEC", "100000")
            .spawn();
        hear("READY=1");
        hear("WATCHDOG=1");
        running.signal("TERM");
        hear("STOPPING=1");
        running.wait().expect_code(0);
        // A limit that refuses the first pass doesn't keep the unit from starting.
        database.execute("UPDATE template_version_presets SET desired_instances = 9");
        let running = prebuildctl(["loop", "--interval=1h", "--max-create=1"])
            .on(database)
            .env("NOTIFY_SOCKET", &path)
            .spawn();
        hear("READY=1");
        stop(running);
        hear("STOPPING=1");
    });
}

//! What a loop tells when something becomes of a pool: log lines, events, and what other commands say of
//! the same.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::thread;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{Running, TestDir, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::service::{
    address, declare, get, hold_lock, sample, start_loop, stop, until_workspaces,
};
use crate::support::{both, coder_releases, postgres, wait_until};

/// A hook that appends every event to this file.
fn hook(file: &Path) -> String {
    format!("cat >> {}", file.display())
}

fn events(file: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let lines = text.lines().map(serde_json::from_str::<Value>);
    lines.filter_map(Result::ok).collect()
}

/// Waits until the pool has been told to be in this condition.
fn await_condition(file: &Path, condition: &str) -> Value {
    let find = || {
        let told = events(file).into_iter();
        let mut told = told.filter(|it| it["event"] == "condition_changed");
        told.find(|it| it["condition"] == condition)
    };
    wait_until(condition, || find().is_some());
    find().unwrap()
}

/// That log, event, doctor, plan, metrics and, where there is one, history agree on a hard limit.
fn assert_all_tell(database: &Database, running: &Running, file: &Path, dir: &TestDir) {
    let log = running.await_stderr("condition=\"hard_limited\"");
    let line = log.lines().find(|it| it.contains("hard_limited")).unwrap();
    assert!(line.contains("WARN"), "{line}");
    assert!(line.contains("acme/web/small"), "{line}");
    let event = await_condition(file, "hard_limited");
    assert_eq!(event["version"], 1);
    assert_eq!(event["preset"]["name"], "small");
    let remedy = "prebuildctl reset-limit acme/web/small";
    assert!(
        event["message"].as_str().unwrap().contains(remedy),
        "{event}"
    );
    let run = |arguments: &[&str]| prebuildctl(arguments).on(database).run();
    let doctor = run(&["doctor", "-o", "csv", "--columns", "check,level"]);
    doctor.expect_code(1);
    assert!(doctor.stdout.contains("hard limited,error"), "{doctor:?}");
    let plan = run(&["plan", "-o", "json"]).json();
    let reason = plan["presets"][0]["reason"].as_str().unwrap();
    assert!(reason.contains(": hard limited, since"), "{reason}");
    assert!(reason.contains("prebuildctl reset-limit"), "{reason}");
    let metrics = dir.join("prebuilds.prom");
    let metrics_file = format!("--metrics-file={}", metrics.display());
    run(&["reconcile-once", &metrics_file]).ok();
    let metrics = std::fs::read_to_string(metrics).unwrap();
    let limited = metrics
        .lines()
        .find(|it| it.contains("preset_hard_limited{"));
    assert!(limited.is_some_and(|it| it.ends_with(" 1")), "{metrics}");
    let history = run(&["history", "-o", "json"]).json();
    let told = history["entries"].as_array().unwrap().iter();
    let mut told = told.filter(|it| it["event"] == "hard_limited");
    let subject = told.next().map(|it| it["subject"].clone());
    match database.migration() {
        None => assert_eq!(subject, Some("acme/web/small".into()), "{history:#}"),
        Some(_) => assert_eq!(subject, None),
    }
    assert!(told.next().is_none(), "{history:#}");
}

#[test]
fn a_pool_whose_builds_all_fail_is_told_by_everything_that_tells_of_pools() {
    both(|database| {
        declare(&database.url, 3);
        let dir = TestDir::new();
        let file = dir.join("events");
        let running = start_loop(&database.url, &["--on-event", &hook(&file)]);
        let fail = [
            "provision",
            "--simulate",
            "--build-time=0s",
            "--failure-rate=1",
        ];
        let worker = prebuildctl(fail).on(database).spawn();
        assert_all_tell(database, &running, &file, &dir);
        worker.signal("TERM");
        worker.wait().expect_code(0);
        let log = stop(running).stderr;
        assert!(log.contains("keeps the pools of"), "{log}");
        assert!(log.contains("stopped after"), "{log}");
        let told = events(&file);
        let kinds: Vec<&str> = told.iter().filter_map(|it| it["event"].as_str()).collect();
        assert_eq!(kinds.first(), Some(&"loop_started"), "{told:?}");
        assert_eq!(kinds.last(), Some(&"loop_stopped"), "{told:?}");
    });
}

#[test]
fn a_limit_is_told_on_databases_of_coder_and_so_is_its_end() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "small", 3);
        for age in [30, 40, 50] {
            scene.prebuild(&web, &pool, Job::Failed, age);
        }
        let dir = TestDir::new();
        let file = dir.join("events");
        let running = start_loop(&database.url, &["--on-event", &hook(&file)]);
        assert_all_tell(&database, &running, &file, &dir);
        scene.execute("UPDATE workspaces SET deleted = true");
        running.signal("HUP");
        let live = "SELECT count(*) FROM workspaces WHERE NOT deleted";
        wait_until("new ones are made", || database.count(live) == 3);
        scene.finish_builds();
        running.signal("HUP");
        let again = await_condition(&file, "healthy");
        assert_eq!(again["before"], "hard_limited");
        running.await_stderr("healthy again");
        stop(running);
    }
}

#[test]
fn two_loops_keep_one_entry_of_a_change() {
    let Some(database) = postgres() else { return };
    declare(&database.url, 3);
    // One that finds the lock taken looks again at the next interval.
    let start = |_| {
        let again = ["loop", "--interval", "1s"];
        prebuildctl(again).on(&database).spawn()
    };
    let loops: Vec<Running> = (0..2).map(start).collect();
    let fail = [
        "provision",
        "--simulate",
        "--build-time=0s",
        "--failure-rate=1",
    ];
    let worker = prebuildctl(fail).on(&database).spawn();
    for running in loops {
        running.await_stderr("hard_limited");
        stop(running);
    }
    worker.signal("TERM");
    worker.wait().expect_code(0);
    let entries = "SELECT count(*) FROM prebuildctl_history WHERE event = 'hard_limited'";
    assert_eq!(database.count(entries), 1);
}

#[test]
fn an_address_gets_events_as_posts_and_one_that_fails_is_tried_again() {
    both(|database| {
        declare(&database.url, 0);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let server = thread::spawn(move || {
            let mut heard = Vec::new();
            for answer in ["503 Busy", "204 No Content"] {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = String::new();
                let mut buffer = [0; 4096];
                while !request.contains("\"loop_started\"") {
                    let read = stream.read(&mut buffer).unwrap();
                    request.push_str(&String::from_utf8_lossy(&buffer[..read]));
                }
                write!(stream, "HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n").unwrap();
                heard.push(request);
            }
            heard
        });
        let running = start_loop(&database.url, &["--on-event", &url]);
        let heard = server.join().unwrap();
        assert!(heard[1].starts_with("POST /hook HTTP/1.1"), "{heard:?}");
        assert!(heard[1].contains("application/json"), "{heard:?}");
        running.await_stderr("--on-event failed; trying again");
        stop(running);
    });
}

#[test]
fn a_hook_that_is_no_use_keeps_no_pass() {
    both(|database| {
        declare(&database.url, 2);
        let running = prebuildctl(["loop", "--max-passes=1", "--on-event=sleep 600"])
            .on(database)
            .run();
        running.ok();
        assert_eq!(database.count("SELECT count(*) FROM workspaces"), 2);
        let usage = prebuildctl(["loop", "--on-event=http://"])
            .on(database)
            .run();
        usage.expect_code(64);
    });
}

#[test]
fn a_hook_that_goes_on_in_the_background_gets_each_event_once() {
    both(|database| {
        declare(&database.url, 0);
        let dir = TestDir::new();
        let file = dir.join("events");
        let hook = format!(
            "{}; sleep 300 & echo $! >> {:?}",
            hook(&file),
            dir.join("ids")
        );
        let running = start_loop(&database.url, &["--on-event", &hook]);
        wait_until("the first event", || !events(&file).is_empty());
        let log = stop(running).stderr;
        assert!(!log.contains("--on-event failed"), "{log}");
        let told = events(&file);
        let kinds: Vec<&str> = told.iter().filter_map(|it| it["event"].as_str()).collect();
        assert_eq!(kinds, ["loop_started", "loop_stopped"]);
        let ids = std::fs::read_to_string(dir.join("ids")).unwrap();
        for id in ids.lines() {
            let ended = std::process::Command::new("kill").arg(id).status();
            assert!(ended.unwrap().success(), "{id} had ended");
        }
    });
}

#[test]
fn failing_passes_are_told_once_and_so_is_their_end_whatever_comes_between() {
    both(|database| {
        declare(&database.url, 1);
        let dir = TestDir::new();
        let file = dir.join("events");
        let run = |arguments: &[&str]| prebuildctl(arguments).on(database).run().ok().to_owned();
        let running = start_loop(
            &database.url,
            &[
                "--max-create=1",
                "--metrics-addr=0",
                "--on-event",
                &hook(&file),
            ],
        );
        let address = address(&running);
        let passes = |outcome: &str| {
            let (_, text) = get(&address, "/metrics");
            let name = format!("prebuildctl_passes_total{{outcome=\"{outcome}\"}}");
            sample(&text, &name).unwrap_or_default()
        };
        let pass = |outcome: &str| {
            let before = passes(outcome);
            running.signal("HUP");
            wait_until(outcome, || passes(outcome) > before);
        };
        until_workspaces(database, 1);
        run(&["scale", "small=9"]);
        pass("failed");
        let lock = hold_lock(database);
        pass("locked");
        drop(lock);
        pass("failed");
        run(&["pause"]);
        pass("paused");
        run(&["scale", "small=1"]);
        run(&["resume"]);
        pass("nothing_to_do");
        stop(running);
        let told = events(&file);
        let told: Vec<&str> = told.iter().filter_map(|it| it["event"].as_str()).collect();
        let told: Vec<&str> = told
            .into_iter()
            .filter(|it| it.starts_with("pass"))
            .collect();
        assert_eq!(told, ["pass_failed", "passes_succeed"]);
    });
}

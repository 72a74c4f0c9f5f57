//! How the program is called: flags that make no sense, names that nobody has, readers that go away,
//! signals.

use super::{assert_error, document};
use crate::support::process::prebuildctl;
use crate::support::scene::Scene;
use crate::support::{both, pass, wait_until};

#[test]
fn wrong_flags_are_usage_errors() {
    for arguments in [
        &["plan", "--no-such-flag"][..],
        &[],
        &["plan", "--at", "soon"],
        &["plan", "--at", "2026-13-04"],
        &["plan", "--at", ""],
        &["plan", "--at", "2026-03-04T12:00:00"],
        &["snapshot", "--at", "2026-02-30T00:00:00Z"],
        &["reconcile-once", "--at", "2026-03-04T12:00:00Z"],
        &["reconcile-once", "--max-create=-1"],
        &["reconcile-once", "--max-delete", "abc"],
        &["reconcile-once", "--max-delete", "-1"],
        &["reconcile-once", "--max-delete=-1"],
        &["reconcile-once", "--max-delete=101%"],
        &["reconcile-once", "--max-delete=%"],
        &["reconcile-once", "--max-delete=1.5%"],
        &["loop", "--max-delete=1.5%"],
        &["reconcile-once", "--max-in-flight", "99999999999999999999"],
        &["reconcile-once", "--wait-lock", "long"],
        &["reconcile-once", "--timeout", "5"],
        &["reconcile-once", "--wait-lock", "101y"],
        &["wait", "--for", "400000000000years"],
        &["cleanup", "--yes", "--wait", "101y"],
        &["recommend", "--provisioners", "4294967295"],
        &["reconcile-once", "--max-unavailable", "2"],
        &[
            "simulate",
            "--rate=3000/h",
            "--build-time=1m",
            "--instances=60",
        ],
        &["reconcile-once", "--failure-hard-limit=-1"],
        &["plan", "--backoff-interval", "-1s"],
        &["plan", "--backoff-lookback", "99999999999999y"],
        &["plan", "--format", "xml"],
        &["plan", "-o", "TABLE"],
        &["plan", "--columns"],
        &["plan", "-q", "-v"],
        &["snapshot", "--database-url", "mysql://x"],
        &["snapshot", "--database-url", "sqlite:"],
        &["snapshot", "--database-url", "sqlite::memory:"],
        &["snapshot", "--database-url", "postgres://host:no-port/x"],
        &["completions", "no-shell"],
    ] {
        let output = prebuildctl(arguments).run();
        assert_eq!(output.code, 64, "{arguments:?}: {output:?}");
        assert_eq!(output.stdout, "", "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    for (variable, value) in [
        ("PREBUILDCTL_FORMAT", "xml"),
        ("CODER_WORKSPACE_PREBUILDS_FAILURE_HARD_LIMIT", "x"),
        (
            "CODER_WORKSPACE_PREBUILDS_RECONCILIATION_BACKOFF_INTERVAL",
            "x",
        ),
    ] {
        let output = prebuildctl(["snapshot"]).env(variable, value).run();
        assert_eq!(output.code, 64, "{variable}: {output:?}");
        // Charts write them, and coderd takes them for unset.
        let empty = prebuildctl(["simulate", "--rate=1/h", "--build-time=1m", "--instances=1"]);
        empty.env(variable, "").run().ok();
        let empty = prebuildctl(["snapshot"]).env(variable, "").run();
        assert_eq!(empty.code, 1, "there is no database: {empty:?}");
    }
}

#[test]
fn a_signal_ends_what_calculates() {
    let words = [
        "simulate",
        "--rate=1000/h",
        "--build-time=3m",
        "--instances=500..900",
    ];
    let simulating = prebuildctl(words).spawn();
    wait_until("it hears signals", || simulating.catches_signals());
    simulating.signal("TERM");
    simulating.wait().expect_code(143);
}

#[test]
fn unknown_names_in_filters_are_errors_that_show_known_ones() {
    for kind in ["organization", "template", "preset"] {
        let filter = format!("--{kind}=no\u{1b}ne");
        let output = prebuildctl(["plan", "--snapshot=-", &filter])
            .stdin(document().to_string())
            .run();
        assert_error(&output, 1, &[kind, "known are"]);
        assert!(!output.stderr.contains('\u{1b}'), "{output:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    both(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        for number in 0..300 {
            scene.preset(&web, &format!("pool {number}"), 0);
        }
        let script = format!(
            "{} snapshot --format json | head -c 10; exit ${{PIPESTATUS[0]}}",
            env!("CARGO_BIN_EXE_prebuildctl")
        );
        let output = std::process::Command::new("bash")
            .args(["-c", &script])
            .env("PREBUILDCTL_DATABASE_URL", &database.url)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "");
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(output.stdout.len(), 10);
    });
}

#[test]
fn quiet_silences_status_and_leaves_data_and_errors() {
    both(|database| {
        let loud = prebuildctl(["init"]).on(database).run();
        loud.ok();
        assert!(loud.stderr.contains("already ready"), "{loud:?}");
        let quiet = prebuildctl(["init", "--quiet"]).on(database).run();
        assert_eq!((quiet.ok(), quiet.stderr.as_str()), ("", ""));
        assert!(!pass(database, &["--quiet"]).ok().is_empty());
        let output = prebuildctl(["plan", "--quiet", "--preset=x"])
            .on(database)
            .run();
        assert_error(&output, 1, &["preset \"x\""]);
    });
}

#[test]
fn a_command_that_waits_for_input_ends_on_a_signal() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut run = prebuildctl(["plan", "--snapshot=-"]).spawn_with_open_stdin();
        wait_until("it listens for signals", || run.catches_signals());
        assert!(run.is_running());
        run.signal(signal);
        run.wait().expect_code(code);
    }
}

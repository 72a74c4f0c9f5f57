//! Input that is wrong, odd or hostile: documents, flags, names, schedules.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::{Job, Scene, id};
use crate::support::{both, everywhere, pass, wait_until};

/// Plans what comes on standard input.
fn plan_of(document: impl Into<Vec<u8>>) -> Output {
    prebuildctl(["plan", "--format=json", "--snapshot", "-"])
        .stdin(document)
        .run()
}

/// A document with one preset.
fn document() -> Value {
    json!({
        "version": 1,
        "taken_at": "2026-03-04T12:00:00Z",
        "presets": [{
            "id": id(), "name": "pool", "organization_id": id(), "organization_name": "acme",
            "template_id": id(), "template_name": "web", "template_version_id": id(),
            "template_version_name": "v1", "using_active_version": true, "desired_instances": 2,
        }],
    })
}

/// The document with one value put in, by JSON pointer.
fn with(pointer: &str, value: impl Into<Value>) -> String {
    let mut document = document();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[key] = value.into();
    document.to_string()
}

/// Makes sure that the run failed with one error that says all of this.
#[track_caller]
fn assert_error(output: &Output, code: i32, texts: &[&str]) {
    output.expect_code(code);
    assert_eq!(output.stdout, "");
    for text in texts {
        assert!(
            output.stderr.contains(text),
            "no {text:?} in {}",
            output.stderr
        );
    }
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
}

#[test]
fn a_document_that_is_none_is_refused_with_the_reason() {
    assert_eq!(
        plan_of(document().to_string()).json()["summary"]["create"],
        2
    );
    let whole = document().to_string();
    assert_error(&plan_of(""), 1, &["standard input", "empty"]);
    assert_error(&plan_of(" \n\t"), 1, &["empty"]);
    assert_error(
        &plan_of(&whole[..whole.len() / 2]),
        1,
        &["not valid JSON", "line 1"],
    );
    assert_error(&plan_of(&whole[..whole.len() - 1]), 1, &["not valid JSON"]);
    assert_error(
        &plan_of(format!("{whole} x")),
        1,
        &["not valid JSON", "trailing"],
    );
    assert_error(&plan_of(format!("{whole}{whole}")), 1, &["not valid JSON"]);
    assert_error(&plan_of(b"\xff\xfe\x00".to_vec()), 1, &["not valid JSON"]);
    assert_error(&plan_of("[]"), 1, &["top level"]);
    assert_error(&plan_of("null"), 1, &["top level"]);
    assert_error(&plan_of("{}"), 1, &["version"]);
}

#[test]
fn a_document_is_read_strictly_and_errors_name_the_key() {
    let first = "presets[0]";
    for (document, texts) in [
        (with("/version", 2), vec!["version", "2"]),
        (with("/version", "1"), vec!["version"]),
        (with("/extra", 1), vec!["unknown field `extra`"]),
        (
            with("/presets/0/extra", 1),
            vec![first, "unknown field `extra`"],
        ),
        (
            with("/presets/0/ttl_secs", "1"),
            vec!["presets[0].ttl_secs"],
        ),
        (
            with("/presets/0/ttl_secs", 1.5),
            vec!["presets[0].ttl_secs"],
        ),
        (with("/presets/0/id", "x"), vec!["presets[0].id"]),
        (
            with("/presets/0/desired_instances", Value::Null),
            vec!["presets[0].desired_instances"],
        ),
        (
            with("/presets/0/prebuild_status", "ill"),
            vec!["presets[0].prebuild_status", "ill"],
        ),
        (with("/taken_at", "yesterday"), vec!["taken_at"]),
        (with("/taken_at", "2026-03-04T12:00:00"), vec!["taken_at"]),
        (
            with("/pending", json!([{ "preset_id": id(), "count": -1 }])),
            vec!["pending[0].count"],
        ),
        (
            with(
                "/schedules",
                json!([{
                    "id": id(), "preset_id": id(), "cron_expression": "", "desired_instances": 1,
                }]),
            ),
            vec!["schedules[0].preset_id", "not in presets"],
        ),
    ] {
        assert_error(&plan_of(document.as_str()), 1, &texts);
        let dir = TestDir::new();
        let file = dir.write("snap\u{1b}shot.json", &document);
        let output = prebuildctl(["plan", "--snapshot"]).arg(file).run();
        assert_error(&output, 1, &texts);
        assert!(!output.stderr.contains('\u{1b}'), "{:?}", output.stderr);
    }
    let mut twice = document();
    let preset = twice["presets"][0].clone();
    twice["presets"].as_array_mut().unwrap().push(preset);
    assert_error(
        &plan_of(twice.to_string()),
        1,
        &["presets[1].id", "second time"],
    );
}

#[test]
fn negative_and_huge_counts_are_calculated_with() {
    for (desired, created) in [(-5, 0), (i64::MIN, 0), (0, 0), (i64::MAX, i64::MAX)] {
        let plan = plan_of(with("/presets/0/desired_instances", desired)).json();
        assert_eq!(plan["summary"]["create"], created, "{desired}");
    }
    // Sums stay within bounds as well.
    let mut huge = document();
    huge["presets"][0]["desired_instances"] = i64::MAX.into();
    let mut second = huge["presets"][0].clone();
    second["id"] = id().into();
    huge["presets"].as_array_mut().unwrap().push(second);
    let preset = &huge["presets"][0];
    let (template, version, preset) = (
        &preset["template_id"],
        &preset["template_version_id"],
        &preset["id"],
    );
    huge["in_progress"] = json!([{
        "template_id": template, "template_version_id": version, "preset_id": preset,
        "transition": "start", "count": i64::MAX,
    }]);
    let plan = plan_of(huge.to_string()).json();
    assert_eq!(plan["summary"]["create"], i64::MAX);
    // Times at the ends of the calendar.
    for time in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
        let mut document = document();
        document["taken_at"] = time.into();
        document["presets"][0]["ttl_secs"] = i64::MAX.into();
        let preset = document["presets"][0].clone();
        document["running"] = json!([{
            "id": id(), "name": "w", "template_id": preset["template_id"],
            "template_version_id": preset["template_version_id"], "preset_id": preset["id"],
            "ready": true, "created_at": "2026-03-04T12:00:00Z",
        }]);
        document["backoffs"] = json!([{
            "template_version_id": preset["template_version_id"], "preset_id": preset["id"],
            "num_failed": i64::MAX, "last_build_at": "9999-12-31T23:59:59Z",
        }]);
        let output = plan_of(document.to_string());
        assert!(matches!(output.code, 0 | 1), "{output:?}");
        assert!(!output.stderr.contains("panicked"), "{output:?}");
    }
}

#[test]
fn an_endlessly_nested_document_is_refused_at_once() {
    let begun = Instant::now();
    let nested = vec![b'['; 100_000_000];
    assert_error(&plan_of(nested), 1, &[]);
    let mut hidden = br#"{"version": 1, "taken_at": "#.to_vec();
    hidden.extend(vec![b'['; 10_000_000]);
    assert_error(&plan_of(hidden), 1, &["taken_at"]);
    assert!(
        begun.elapsed() < Duration::from_secs(20),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn a_snapshot_file_that_can_not_be_read_is_named() {
    let dir = TestDir::new();
    let missing = prebuildctl(["plan", "--snapshot", "no-such-file"])
        .within(&dir)
        .run();
    assert_error(&missing, 1, &["no-such-file"]);
    let folder = prebuildctl(["plan", "--snapshot", "."]).within(&dir).run();
    assert_error(&folder, 1, &["directory"]);
    let unwritable = prebuildctl(["plan", "--snapshot=-", "--out=no/such/folder"])
        .within(&dir)
        .stdin(document().to_string())
        .run();
    assert_error(&unwritable, 1, &["no/such/folder"]);
}

#[test]
fn wrong_flags_are_usage_errors() {
    for arguments in [
        &["plan", "--no-such-flag"][..],
        &[],
        &["plan", "--at", "yesterday"],
        &["plan", "--at", "2026-03-04"],
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
        &["reconcile-once", "--failure-hard-limit=-1"],
        &["plan", "--backoff-interval", "-1s"],
        &["plan", "--backoff-lookback", "99999999999999y"],
        &["plan", "--format", "yaml"],
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
        ("PREBUILDCTL_FORMAT", "yaml"),
        ("CODER_WORKSPACE_PREBUILDS_FAILURE_HARD_LIMIT", "x"),
        (
            "CODER_WORKSPACE_PREBUILDS_RECONCILIATION_BACKOFF_INTERVAL",
            "x",
        ),
    ] {
        let output = prebuildctl(["snapshot"]).env(variable, value).run();
        assert_eq!(output.code, 64, "{variable}: {output:?}");
    }
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

/// Characters that steer a terminal or the direction of text.
const HOSTILE: &str =
    "a\u{1b}[2J\u{7}b\u{202e}c\u{9b}31md\u{200f}e\u{85}f\u{2028}g\u{feff}\rh\u{7f}";

#[track_caller]
fn assert_harmless(text: &str) {
    let bad: Vec<char> = text
        .chars()
        .filter(|c| {
            (c.is_control() && *c != '\n')
                || matches!(c, '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{feff}')
                || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        })
        .collect();
    assert!(bad.is_empty(), "{bad:?} in {text:?}");
}

#[test]
fn hostile_names_never_reach_the_terminal() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let preset = scene.preset(&web, HOSTILE, 2);
        let running = scene.prebuild(&web, &preset, Job::Succeeded, 60);
        scene.prebuild(&web, &preset, Job::Failed, 86400);
        for (table, id) in [
            ("workspaces", &running.id),
            ("templates", &web.template),
            ("template_versions", &web.id),
            ("organizations", &scene.organization),
        ] {
            scene.execute(&format!(
                "UPDATE {table} SET name = '{HOSTILE}' WHERE id = '{id}'"
            ));
        }
        scene.execute(&format!(
            "UPDATE template_version_presets SET scheduling_timezone = '{HOSTILE}';
             INSERT INTO template_version_preset_prebuild_schedules
                (id, preset_id, cron_expression, desired_instances)
             VALUES ('{}', '{preset}', '{HOSTILE}', 1)",
            id()
        ));
        let desired = format!("--set-desired={HOSTILE}=3");
        let promoted = format!("--promote={HOSTILE}/{HOSTILE}={HOSTILE}");
        let elsewhere = format!("--promote={HOSTILE}={HOSTILE}{HOSTILE}");
        for command in [
            &["snapshot"][..],
            &["snapshot", "-v"],
            &["plan"],
            &["plan", "-v"],
            &["snapshot", "--format=json"],
            &["plan", "--format=json"],
            &["plan", "--template", "none"],
            &["plan", "--preset", HOSTILE],
            &["plan", &desired, &promoted],
            &["plan", &elsewhere],
            &["reconcile-once", "--max-create=0"],
            &["reconcile-once", "-vvv"],
            &[
                "reconcile-once",
                "--format=json",
                "-vvv",
                "--log-format=json",
            ],
        ] {
            let output = prebuildctl(command).on(database).run();
            assert!(matches!(output.code, 0 | 1 | 6), "{output:?}");
            assert_harmless(&output.stdout);
            assert_harmless(&output.stderr);
        }
        let snapshot = prebuildctl(["snapshot", "--format=json"])
            .on(database)
            .run();
        assert_eq!(
            snapshot.json()["presets"][0]["name"],
            HOSTILE,
            "as it is, once it is read"
        );
        let plan = plan_of(snapshot.stdout.as_str());
        assert_harmless(plan.ok());
        assert_eq!(
            plan.json()["presets"][0]["preset"]["template_name"],
            HOSTILE
        );
        let broken = snapshot
            .stdout
            .replace("\"version\": 1", "\"ver\\u001b\\u202esion\": 1");
        let output = plan_of(broken);
        output.expect_code(1);
        assert_harmless(&output.stderr);
    });
}

#[test]
fn schedules_that_can_not_be_used_are_told_and_do_no_harm() {
    let plan_with = |zone: &str, crons: &[&str]| {
        let mut document = document();
        document["presets"][0]["scheduling_timezone"] = zone.into();
        let preset = document["presets"][0]["id"].clone();
        let schedule = |cron: &&str| {
            json!({
                "id": id(), "preset_id": preset, "cron_expression": cron, "desired_instances": 7,
            })
        };
        document["schedules"] = crons.iter().map(schedule).collect();
        let plan = plan_of(document.to_string()).json()["presets"][0].clone();
        let diagnostics = plan["diagnostics"].as_array().unwrap().len();
        (plan["state"]["desired"].as_i64().unwrap(), diagnostics)
    };
    assert_eq!(plan_with("UTC", &["* * * * *"]), (7, 0));
    for cron in [
        "",
        " ",
        "nonsense",
        "* * *",
        "*/5 9 * * 1",
        "* 99 * * *",
        "* -1 * * *",
        "* 1-99 * * *",
        "* * * * * *",
        "@daily",
        "\u{0}",
        "* \u{661} * * *",
        "* 18446744073709551616 * * *",
    ] {
        assert_eq!(plan_with("UTC", &[cron]), (2, 1), "{cron:?}");
    }
    for zone in ["", "Mars/Base", "utc\u{0}", "../../etc/passwd"] {
        assert_eq!(plan_with(zone, &["* * * * *"]), (2, 1), "{zone:?}");
    }
    assert_eq!(
        plan_with("UTC", &["* 1-20 * * *", "* 12-13 * * *"]),
        (2, 1),
        "an overlap"
    );
    assert_eq!(plan_with("UTC", &[&"*".repeat(1_000_000)]), (2, 1));
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
        assert!(loud.stderr.contains("ready already"), "{loud:?}");
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

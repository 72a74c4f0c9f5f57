//! `plan --from --to --step` through the binary: it agrees with `plan --at`, on every database and
//! from a file, and refuses spans that make no sense.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::scene::{Job, Scene, random};
use crate::support::{both, everywhere, random_scenes, sqlite};

const DST_WEEK: [&str; 4] = [
    "--from",
    "2026-03-26T10:20:00Z",
    "--to",
    "2026-04-02T10:20:00Z",
];

/// Pools in Berlin and on Lord Howe Island with schedules, and one without.
const POOLS: &str = r#"
organizations = [{ name = "acme" }]
[[templates]]
organization = "acme"
name = "backend"
[[templates.presets]]
name = "berlin"
instances = 1
ttl = "8h"
timezone = "Europe/Berlin"
schedules = [{ cron = "* 2-3 * * *", instances = 4 }, { cron = "* 9-18 * * 1-5", instances = 7 }]
[[templates.presets]]
name = "island"
instances = 2
timezone = "Australia/Lord_Howe"
schedules = [{ cron = "* 1 * * 0,6", instances = 0 }]
[[templates.presets]]
name = "plain"
instances = 3
"#;

/// Declares the pools; returns what the command said beside its data.
fn apply(database: &Database, pools: &str) -> String {
    let dir = TestDir::new();
    let file = dir.write("pools.toml", pools);
    let output = prebuildctl(["apply"]).arg(file).on(database).run();
    output.ok();
    output.stderr
}

/// The numbers of a preset's plan as an entry of a timetable has them.
fn numbers(preset: &Value) -> Value {
    let sum = |action: &str, blocked: bool| -> i64 {
        let actions = preset["actions"].as_array().unwrap().iter();
        let of_kind = actions.filter(|it| it["action"] == action);
        of_kind
            .filter(|it| it["blocked_by"].is_null() != blocked)
            .map(|it| {
                let ids = it["workspace_ids"]
                    .as_array()
                    .map(|ids| i64::try_from(ids.len()).unwrap());
                ids.or(it["count"].as_i64()).unwrap_or(1)
            })
            .sum()
    };
    json!([
        preset["state"]["desired"],
        sum("create", false),
        sum("create", true),
        sum("delete", false),
        sum("cancel_pending", false),
        sum("backoff", false) == 1,
    ])
}

/// Compares a timetable with the plans of some of its steps.
#[track_caller]
fn assert_agrees(database: &Database, table: &Value, instants: &[&str], tuning: &[&str]) {
    for at in instants {
        let arguments = ["plan", "--format=json", "--at", at];
        let plan = prebuildctl(arguments.iter().chain(tuning))
            .on(database)
            .run();
        let plan = plan.json();
        let presets = plan["presets"].as_array().unwrap();
        let tables = table["presets"].as_array().unwrap();
        assert_eq!(presets.len(), tables.len());
        for (preset, table) in presets.iter().zip(tables) {
            assert_eq!(preset["preset"], table["preset"]);
            let entries = table["entries"].as_array().unwrap();
            // Whole seconds in UTC sort as text.
            let mut covering = entries.iter().filter(|it| {
                it["from"].as_str().unwrap() <= *at && *at < it["until"].as_str().unwrap()
            });
            let entry = covering.next().unwrap();
            let keys = [
                "desired",
                "create",
                "blocked",
                "delete",
                "cancel_pending",
                "backoff",
            ];
            let found = Value::from_iter(keys.map(|key| entry[key].clone()));
            assert_eq!(
                found,
                numbers(preset),
                "{} at {at}",
                preset["preset"]["name"]
            );
            assert!(covering.next().is_none());
        }
    }
}

#[test]
fn a_timetable_agrees_with_plans_across_a_change_of_the_clocks() {
    both(|database| {
        apply(database, POOLS);
        let table = prebuildctl(["plan", "--format=json"].iter().chain(&DST_WEEK));
        let table = table.on(database).run().json();
        assert_eq!(
            (&table["version"], &table["step_secs"]),
            (&json!(1), &json!(60))
        );
        assert_eq!(table["presets"][0]["timezone"], "Europe/Berlin");
        assert_eq!(table["presets"][2]["timezone"], "UTC");
        assert_agrees(
            database,
            &table,
            &[
                "2026-03-26T10:20:00Z",
                // Summer time begins in Berlin at 01:00 UTC on the 29th: hour 2 is skipped.
                "2026-03-29T00:59:00Z",
                "2026-03-29T01:00:00Z",
                "2026-03-29T01:59:00Z",
                "2026-03-29T02:00:00Z",
                "2026-03-30T06:59:00Z",
                "2026-03-30T07:00:00Z",
                "2026-03-27T14:00:00Z",
                "2026-03-27T15:00:00Z",
                "2026-04-02T10:19:00Z",
            ],
            &[],
        );
    });
}

#[test]
fn failures_that_leave_the_look_back_count_no_more_in_later_steps() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("docker");
        let preset = scene.preset(&version, "small", 3);
        for age in [3500, 3000, 120] {
            scene.prebuild(&version, &preset, Job::Failed, age);
        }
        // The times of a scene have parts of a second; those of the steps don't.
        let second = |age: i64| format!("{}Z", &scene.ago(age)[..19]);
        let (from, to) = (second(0), second(-1500));
        let tuning = ["--backoff-interval=5m", "--failure-hard-limit=0"];
        let command = [
            "plan",
            "--format=json",
            "--step=1s",
            "--from",
            &from,
            "--to",
            &to,
        ];
        let table = prebuildctl(command.iter().chain(&tuning))
            .on(database)
            .run();
        let instants = [0, -99, -101, -180, -478, -482, -599, -601, -1400].map(second);
        let instants = instants.each_ref().map(String::as_str);
        let table = table.json();
        assert_agrees(database, &table, &instants, &tuning);
        let entries = table["presets"][0]["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 2, "{entries:#?}");
    });
}

#[test]
fn a_timetable_of_a_random_scene_agrees_with_plans_and_comes_from_a_file_as_well() {
    let tuning = ["--backoff-lookback=1h", "--failure-hard-limit=3"];
    for database in random_scenes(61, 60) {
        let span = ["--from", random::NOW, "--to", "2026-03-11T12:00:00Z"];
        let command = ["plan", "--format=json"];
        let table = prebuildctl(command.iter().chain(&span).chain(&tuning));
        let table = table.on(&database).run().json();
        let instants = [
            random::NOW,
            "2026-03-04T12:01:00Z",
            "2026-03-04T12:04:00Z",
            "2026-03-04T13:00:00Z",
            "2026-03-05T03:17:00Z",
            "2026-03-08T18:00:00Z",
        ];
        assert_agrees(&database, &table, &instants, &tuning);

        let snapshot = ["snapshot", "--format=json", "--at", random::NOW];
        let snapshot = prebuildctl(snapshot.iter().chain(&tuning))
            .on(&database)
            .run();
        let command = ["plan", "--format=json", "--snapshot=-", "--step=1m"];
        let from_file = prebuildctl(command).stdin(snapshot.ok()).run().json();
        assert_eq!(from_file["from"], table["from"]);
        assert_eq!(from_file["to"], table["to"]);
        let count = |table: &Value| table["presets"].as_array().unwrap().len();
        assert_eq!(count(&from_file), count(&table));
    }
}

#[test]
fn the_table_has_local_times_changes_of_the_clocks_and_fits_a_page() {
    let database = sqlite();
    apply(&database, POOLS);
    let table = |arguments: &[&str]| {
        let command = prebuildctl(["plan"].iter().chain(&DST_WEEK).chain(arguments));
        command.on(&database).run().ok().to_owned()
    };
    let text = table(&[]);
    for line in [
        "backend/berlin: 2 schedules, times of Europe/Berlin",
        "backend/plain: no schedules, times of UTC",
        "Sun 2026-03-29 03:00 +02:00                   clocks forward by 1h",
        "Fri 2026-03-27 09:00 +01:00 Fri 19:00       7 create 7             * 9-18 * * 1-5",
        "Mon 2026-03-30 09:00 +02:00 Mon 19:00       7 create 7             * 9-18 * * 1-5",
    ] {
        assert!(text.lines().any(|found| found == line), "{line}\n{text}");
    }
    let rows = text.lines().filter(|line| line.contains("2026-03-3"));
    assert!(rows.clone().count() > 5);
    assert!(rows.clone().all(|row| row.len() <= 100), "{text}");

    let one = table(&["--preset=backend/plain"]);
    assert!(one.contains("plain") && !one.contains("island"), "{one}");
    let markdown = table(&["--format=markdown"]);
    assert!(
        markdown.contains("### backend/plain: no schedules"),
        "{markdown}"
    );
    assert!(markdown.contains("| FROM "), "{markdown}");
}

#[test]
fn lints_are_warnings_of_apply_and_of_the_timetable_and_not_of_an_ordinary_plan() {
    let pools = POOLS.replace("* 9-18 * * 1-5", "* 9-18 * * 1,5");
    let meant = "1 and 5 alone, not for those between; a range is written with a hyphen";
    both(|database| {
        let told = apply(database, &pools);
        assert!(
            told.starts_with("warning: template acme/backend, preset \"berlin\""),
            "{told}"
        );
        assert!(told.trim_end().ends_with(meant), "{told}");

        let table = prebuildctl(["plan", "--step=1h"]).on(database).run();
        let lines = table.stderr.lines().filter(|line| line.contains(meant));
        assert_eq!(lines.count(), 1, "{table:?}");
        let plan = prebuildctl(["plan"]).on(database).run();
        assert_eq!((plan.code, plan.stderr.as_str()), (0, ""));
        let explained = prebuildctl(["plan", "--explain", "--format=json"])
            .on(database)
            .run();
        let explained = explained.json();
        let found = &explained["presets"][0]["diagnostics"];
        assert_eq!(found[0]["code"], "list_for_range", "{found}");

        // A wrong one is refused.
        let dir = TestDir::new();
        let wrong = POOLS.replace("* 1 * * 0,6", "* 22-6 * * 7");
        let file = dir.write("wrong.toml", &wrong);
        let refused = prebuildctl(["apply"]).arg(file).on(database).run();
        refused.expect_code(1);
        let text = "22 is after 6; correct it";
        assert!(refused.stderr.contains(text), "{}", refused.stderr);
    });
}

#[test]
fn spans_and_flags_that_make_no_sense_are_usage_errors() {
    let database = sqlite();
    for arguments in [
        &["--from=2026-03-04T12:00:00Z", "--to=2026-03-04T12:00:00Z"][..],
        &["--from=2026-03-04T12:00:00Z", "--to=2026-03-01T12:00:00Z"],
        &["--from=2026-03-04T12:00:00Z", "--to=2028-03-04T12:00:00Z"],
        &["--from=9999-12-31T12:00:00Z"],
        &["--from=once"],
        &["--step=0s"],
        &["--step=-1m"],
        &["--step=500ms"],
        &["--step=1000y"],
        &["--step=1m", "--at=2026-03-04T12:00:00Z"],
        &["--step=1m", "--out=plan.json"],
        &["--step=1m", "--detailed-exitcode"],
        &["--step=1m", "--explain"],
    ] {
        let output = prebuildctl(["plan"].iter().chain(arguments))
            .on(&database)
            .run();
        output.expect_code(64);
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_timetable_can_be_had_of_what_is_not_real_yet() {
    both(|database| {
        apply(database, POOLS);
        let timetable = |flags: &[&str]| {
            let plan = ["plan", "--format=json", "--preset=plain"];
            prebuildctl(plan.iter().chain(&DST_WEEK).chain(flags))
        };
        let wanted = |table: Value| -> Vec<Value> {
            let entries = table["presets"][0]["entries"].as_array().unwrap().iter();
            entries.map(|entry| entry["desired"].clone()).collect()
        };
        let real = timetable(&[]).on(database).run().json();
        assert_eq!(wanted(real), [json!(3)]);
        let five = ["--set-desired=plain=5"];
        let imagined = timetable(&five).on(database).run().json();
        assert_eq!(wanted(imagined), [json!(5)]);

        let dir = TestDir::new();
        let snapshot = ["snapshot", "--format=json"];
        let file = dir.write("file.json", prebuildctl(snapshot).on(database).run().ok());
        let imagined = timetable(&five).arg("--snapshot").arg(file).run().json();
        assert_eq!(wanted(imagined), [json!(5)]);
    });
}

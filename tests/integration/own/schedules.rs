//! Schedules as people write them: what `apply` and `plan` say of those that are hardly meant.

use crate::support::both;
use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};

/// Applies a file with one preset of a base number, in UTC.
fn apply(database: &Database, instances: u32, schedules: &str) -> Output {
    let dir = TestDir::new();
    let file = dir.write(
        "f.toml",
        &format!(
            "[[organizations]]\nname = \"o\"\n[[templates]]\norganization = \"o\"\nname = \"t\"\n\
             [[templates.presets]]\nname = \"p\"\ninstances = {instances}\ntimezone = \"UTC\"\n\
             schedules = [{schedules}]\n"
        ),
    );
    let command = ["apply".as_ref(), file.as_os_str()];
    prebuildctl(command).on(database).run()
}

/// What `plan` says of the stored schedules: code and message.
fn diagnostics(database: &Database) -> Vec<[String; 2]> {
    let command = ["plan", "--explain", "--format=json"];
    let plan = prebuildctl(command).on(database).run().json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let found = plan["presets"][0]["diagnostics"].as_array().unwrap();
    let found = found
        .iter()
        .map(|it| [&it["code"], &it["message"]].map(text));
    found.collect()
}

#[test]
fn a_zone_in_a_schedule_is_refused_without_a_text_in_another_zone() {
    both(|database| {
        let cron = r#"{ cron = "CRON_TZ=Europe/Berlin * 8-18 * * 1-5", instances = 3 }"#;
        let output = apply(database, 1, cron);
        output.expect_code(1);
        let part = "the preset's own holds for all of its schedules";
        assert!(output.stderr.contains(part), "{output:?}");
        assert!(!output.stderr.contains("write"), "{output:?}");
    });
}

#[test]
fn a_field_for_seconds_is_to_be_dropped() {
    both(|database| {
        let cron = r#"{ cron = "* * 9-17 * * 1-5", instances = 2 }"#;
        let output = apply(database, 1, cron);
        output.expect_code(1);
        let part = r#"drop the first field and write "* 9-17 * * 1-5""#;
        assert!(output.stderr.contains(part), "{output:?}");
    });
}

#[test]
fn an_overlap_is_refused_without_a_text_that_would_still_overlap() {
    both(|database| {
        let crons = r#"{ cron = "* 8-18 1-15 * *", instances = 3 },
                       { cron = "* 8-18 * * 1-5", instances = 1 }"#;
        let output = apply(database, 2, crons);
        output.expect_code(1);
        let part = r#"cron "* 8-18 * * 1-5" overlaps with "* 8-18 1-15 * *""#;
        assert!(output.stderr.contains(part), "{output:?}");
        assert!(!output.stderr.contains("16-31"), "{output:?}");
    });
}

#[test]
fn schedules_that_both_hold_are_warned_of_with_the_one_that_decides() {
    both(|database| {
        let [first, second] = ["\"* 8-18 1-15 * *\"", "\"* 8-18 16-31 * 1-5\""];
        let crons =
            format!("{{ cron = {first}, instances = 3 }}, {{ cron = {second}, instances = 1 }}");
        let output = apply(database, 2, &crons);
        output.ok();
        let decides =
            format!("cron {first} and cron {second} both hold at times; cron {first} decides then");
        assert!(output.stderr.contains(&decides), "{output:?}");
        let either = format!("cron {second} holds on all days of the month 16-31 and");
        assert!(output.stderr.contains(&either), "{output:?}");

        let found = diagnostics(database);
        let codes: Vec<&str> = found.iter().map(|it| it[0].as_str()).collect();
        assert_eq!(codes, ["days_either", "schedules_both_hold"]);
        // A Monday the 4th: the one that is said to decide gives its number.
        let decider = format!("({first}) decides then");
        assert!(found[1][1].contains(&decider), "{found:?}");
        let at = ["plan", "--at=2026-05-04T12:00:00Z", "--format=json"];
        let plan = prebuildctl(at).on(database).run().json();
        assert_eq!(plan["presets"][0]["state"]["desired"], 3);
    });
}

#[test]
fn the_night_after_an_evening_schedule_is_warned_of() {
    both(|database| {
        let crons = r#"{ cron = "* 8-18 * * 1-5", instances = 3 },
                       { cron = "* 19-23 * * 1-5", instances = 0 }"#;
        let output = apply(database, 3, crons);
        output.ok();
        for part in [
            "cron \"* 8-18 * * 1-5\" asks for 3, the number outside schedules",
            "cron \"* 19-23 * * 1-5\" ends at midnight: from 00:00 to 08:00 the number outside schedules, 3,",
        ] {
            assert!(output.stderr.contains(part), "no {part:?} in {output:?}");
        }
        let codes: Vec<String> = diagnostics(database)
            .into_iter()
            .map(|[it, _]| it)
            .collect();
        assert_eq!(codes.len(), 2, "{codes:?}");
        assert!(codes.contains(&"schedule_night".to_owned()), "{codes:?}");
    });
}

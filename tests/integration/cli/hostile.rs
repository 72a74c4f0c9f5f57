//! Names and schedules that are meant to do harm, or happen to.

use serde_json::json;

use super::{document, plan_of};
use crate::support::everywhere;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene, id};

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

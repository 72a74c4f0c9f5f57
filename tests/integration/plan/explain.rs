//! `plan --explain` through the binary: what is known from the database is told, what is not is
//! said to be unknown, and nothing from outside acts on a terminal.

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::service::hold_lock;
use crate::support::{both, everywhere, servers};

fn explained(database: &Database, arguments: &[&str]) -> String {
    let command = ["plan", "--explain"];
    let output = prebuildctl(command.iter().chain(arguments))
        .on(database)
        .run();
    output.ok().to_owned()
}

/// The text with the line breaks and indentations of its sentences undone.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A pool that rests after four failures, with one workspace that is ready.
fn resting(database: &Database) -> Scene {
    let scene = Scene::new(database);
    let version = scene.template("docker");
    let preset = scene.preset(&version, "small", 6);
    scene.preset(&version, "other", 0);
    for age in [240, 180, 120, 60] {
        scene.prebuild(&version, &preset, Job::Failed, age);
    }
    scene.prebuild(&version, &preset, Job::Succeeded, 7200);
    scene
}

#[test]
fn the_newest_failures_are_shown_with_their_errors() {
    everywhere(|database| {
        let scene = resting(database);
        let newest = scene.ago(60);
        scene.execute(&format!(
            "UPDATE provisioner_jobs SET error = 'no space left on device'
             WHERE created_at = '{newest}' AND error IS NOT NULL"
        ));
        let text = explained(database, &[]);
        let flat = unwrapped(&text);
        for part in [
            "docker/other desired 0, set by the preset, at all times running none",
            "docker/small desired 6, set by the preset, at all times running 1: 1 ready to be \
             claimed; the oldest is 2h old",
            "held up by a back-off until ",
            "because 4 builds failed recently",
            "the hard limit: its newest builds all failed",
            ": no space left on device failures made-3 at ",
            ": exit status 1 leftovers 4 failed",
            "next nothing until the back-off ends at ",
            "creating stays blocked until the template has a new version, or prebuildctl reset-limit",
        ] {
            assert!(flat.contains(part), "{part}\n{text}");
        }
        // Three of each preset are enough.
        assert_eq!(flat.matches("exit status 1").count(), 2, "{text}");
        // Nothing is wrapped where no person looks.
        let desired = |line: &&str| line.starts_with("  desired ");
        assert_eq!(text.lines().filter(desired).count(), 2, "{text}");
        assert!(text.lines().any(|line| line.len() > 100), "{text}");

        let json = prebuildctl(["plan", "--explain", "--format=json"])
            .on(database)
            .run()
            .json();
        let plain = prebuildctl(["plan", "--format=json"])
            .on(database)
            .run()
            .json();
        let found = json["presets"][1]["diagnostics"].as_array().unwrap();
        assert_eq!(found.len(), 3, "{found:#?}");
        assert_eq!(
            (&found[0]["severity"], &found[0]["code"]),
            (&Value::from("warning"), &Value::from("failed_build"))
        );
        let message = found[0]["message"].as_str().unwrap();
        assert!(
            message.starts_with("failed build of made-4 at "),
            "{message}"
        );
        assert!(
            message.ends_with(" UTC: no space left on device"),
            "{message}"
        );
        assert_eq!(json["presets"][0], plain["presets"][0]);
        let keys =
            |json: &Value| -> Vec<String> { json.as_object().unwrap().keys().cloned().collect() };
        assert_eq!(keys(&json), keys(&plain));
        assert_eq!(keys(&json["presets"][1]), keys(&plain["presets"][1]));
    });
}

#[test]
fn an_explained_plan_is_written_without_the_failures_and_keeps_its_exit_code() {
    both(|database| {
        resting(database);
        let dir = TestDir::new();
        let file = dir.join("plan.json");
        let command = [
            "plan",
            "--explain",
            "--backoff-interval=0s",
            "--failure-hard-limit=0",
        ];
        let run = prebuildctl(command)
            .arg("--detailed-exitcode")
            .arg("--out")
            .arg(&file);
        run.on(database).run().expect_code(2);
        let plan: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        assert_eq!(plan["presets"][1]["diagnostics"], Value::Array(Vec::new()));
    });
}

#[test]
fn a_hostile_error_is_shortened_and_does_not_reach_the_terminal() {
    both(|database| {
        resting(database);
        let hostile = format!("\u{1b}[2Jowned\u{202e} {}", "y".repeat(5000));
        let mut session = database.session();
        session.execute_with(
            "UPDATE provisioner_jobs SET error = $1 WHERE error IS NOT NULL",
            &hostile,
        );
        for format in ["table", "markdown", "json"] {
            let text = explained(database, &["--format", format]);
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
            assert!(text.contains("owned"), "{text}");
            assert!(text.len() < 5000, "{} in {format}", text.len());
        }
    });
}

#[test]
fn the_holder_of_the_lock_is_named_where_the_database_reports_it() {
    for database in servers() {
        let scene = Scene::new(&database);
        let version = scene.template("docker");
        scene.preset(&version, "small", 2);
        let free = explained(&database, &[]);
        assert!(free.contains("The reconciliation lock is free."), "{free}");

        let mut holder = hold_lock(&database);
        holder.execute("SET application_name = 'coderd'");
        let pid = holder
            .value("SELECT CAST(pg_backend_pid() AS text)")
            .unwrap();
        let text = unwrapped(&explained(&database, &[]));
        let way = format!(
            "held up by the reconciliation lock, which is held by coderd (pid {pid}) since "
        );
        assert!(text.contains(&way), "{text}");
        let last = format!("The reconciliation lock is held by coderd (pid {pid}) since ");
        assert!(text.contains(&last), "{text}");
    }
}

#[test]
fn a_saved_snapshot_says_what_it_does_not_know() {
    both(|database| {
        resting(database);
        let snapshot = prebuildctl(["snapshot", "--format=json"])
            .on(database)
            .run();
        let run = prebuildctl(["plan", "--explain", "--snapshot=-"]).stdin(snapshot.ok());
        let output = run.run();
        let text = unwrapped(output.ok());
        let failures = "failures a saved snapshot doesn't contain their errors";
        assert!(text.contains(failures), "{text}");
        let lock = "A saved snapshot doesn't record who holds the reconciliation lock.";
        assert!(text.contains(lock), "{text}");
        assert!(!text.contains("exit status 1"), "{text}");
    });
}

#[test]
fn a_pause_and_the_next_change_of_the_desired_number_are_explained() {
    both(|database| {
        let scene = Scene::new(database);
        let version = scene.template("docker");
        let preset = scene.preset(&version, "small", 1);
        let id = crate::support::scene::id();
        scene.execute(&format!(
            "UPDATE template_version_presets SET scheduling_timezone = 'Europe/Berlin'
             WHERE id = '{preset}';
             INSERT INTO template_version_preset_prebuild_schedules
                (id, preset_id, cron_expression, desired_instances)
             VALUES ('{id}', '{preset}', '* 9-18 * * 1-5', 4)"
        ));
        prebuildctl(["pause"]).on(database).run().ok();
        // A Friday: summer time begins over the week-end.
        let text = unwrapped(&explained(database, &["--at", "2026-03-27T19:00:00Z"]));
        for part in [
            "desired 1, set by the preset, until Mon 2026-03-30 09:00 +02:00; then 4, set by the \
             schedule \"* 9-18 * * 1-5\"",
            "held up by the pause of reconciliation",
            "next create 1",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        let text = unwrapped(&explained(database, &["--at", "2026-03-30T07:00:00Z"]));
        let part = "desired 4, set by the schedule \"* 9-18 * * 1-5\", until Mon 2026-03-30 19:00 \
                    +02:00; then 1, set by the preset";
        assert!(text.contains(part), "{text}");
    });
}

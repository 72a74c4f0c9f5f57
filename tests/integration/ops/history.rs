//! `history`, and pauses with a reason and an end: what is kept, and what is worked out.

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::service::{WORKSPACES, with_pool};
use crate::support::{both, coder_releases, everywhere, pass};

fn run(database: &Database, arguments: &[&str]) -> Output {
    prebuildctl(arguments).env("USER", "ann").on(database).run()
}

/// Event, subject and message of each entry, in order.
fn history(database: &Database, arguments: &[&str]) -> Vec<[String; 3]> {
    let command = [&["history", "-o", "json"], arguments].concat();
    let history = run(database, &command).json();
    assert_eq!(history["version"], 1);
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let entries = history["entries"].as_array().unwrap().iter();
    entries
        .map(|it| ["event", "subject", "message"].map(|key| text(it, key)))
        .collect()
}

fn entry(event: &str, subject: &str, message: &str) -> [String; 3] {
    [event, subject, message].map(str::to_owned)
}

#[test]
fn passes_claims_and_failed_builds_are_told_on_every_database() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "small", 2);
        scene.prebuild(&web, &pool, Job::Succeeded, 90_000);
        assert_eq!(history(database, &[]), [[""; 3]; 0]);
        pass(database, &[]).ok();
        let created = entry("pass", "acme/web/small", "created 1");
        assert_eq!(history(database, &[]), std::slice::from_ref(&created));
        let claim = ["claim", "--preset=small", "--user=ann", "--name=mine"];
        run(database, &claim).ok();
        scene.execute(
            "UPDATE provisioner_jobs SET started_at = created_at, completed_at = created_at,
                error = 'no space left' WHERE job_status = 'pending'",
        );
        let told = history(database, &[]);
        assert_eq!(told[0], created);
        let of = |event: &str| -> Vec<String> {
            let of = told.iter().filter(|[it, ..]| it == event);
            of.map(|[.., message]| message.clone()).collect()
        };
        assert_eq!(of("claim"), ["ann/mine; its build failed: no space left"]);
        let failed = of("build_failed");
        assert_eq!(failed.len(), 1, "{told:?}");
        assert!(failed[0].starts_with("1 build failed"), "{failed:?}");
        assert!(failed[0].ends_with(": no space left"), "{failed:?}");
        assert_eq!(history(database, &["--event", "claim"]).len(), 1);
        assert_eq!(history(database, &["-n", "1"]).len(), 1);
        assert_eq!(history(database, &["--template", "web"]).len(), 3);
        scene.template("other");
        assert_eq!(history(database, &["--template", "other"]).len(), 0);
        assert_eq!(history(database, &["--since", "in 1h"]).len(), 0);
        run(database, &["history", "--template", "none"]).expect_code(1);
        let table = run(database, &["history"]);
        assert!(table.ok().contains("acme/web/small"), "{table:?}");
    });
}

#[test]
fn databases_of_our_own_keep_who_paused_and_why() {
    both(|database| {
        run(database, &["pause", "--reason", "maintenance"]).ok();
        run(database, &["pause"]).ok();
        run(database, &["resume"]).ok();
        run(database, &["resume"]).ok();
        let told = history(database, &[]);
        assert_eq!(
            told,
            [
                entry("pause", "", "maintenance"),
                entry("resume", "", "resumed")
            ]
        );
        let actor = "SELECT DISTINCT actor FROM prebuildctl_history";
        let actor = database.value(actor).unwrap();
        assert!(actor.starts_with("ann@"), "{actor}");
    });
}

#[test]
fn a_reason_is_told_to_whoever_finds_the_pools_paused() {
    with_pool(|database| {
        let paused = run(
            database,
            &["pause", "--reason", "maintenance", "--for", "2h"],
        );
        assert!(paused.ok().contains("resumes it"), "{paused:?}");
        let doctor = run(database, &["doctor"]);
        for part in ["paused by ann@", ", until ", ": maintenance"] {
            let told = doctor.stdout.replace("\n", " ");
            assert!(told.contains(part), "{part}: {doctor:?}");
        }
        let pauses = history(database, &["--event", "pause"]);
        assert_eq!(pauses.len(), 1, "{pauses:?}");
        assert!(
            pauses[0][2].starts_with("maintenance, until "),
            "{pauses:?}"
        );
        assert_eq!(pass(database, &[]).json()["outcome"], "paused");
        // Whoever resumes without this program leaves nothing of it behind.
        run(database, &["resume"]).ok();
        run(database, &["pause"]).ok();
        let doctor = run(database, &["doctor"]);
        assert!(!doctor.stdout.contains("maintenance"), "{doctor:?}");
        let empty = run(database, &["pause", "--reason", ""]);
        empty.expect_code(64);
    });
}

#[test]
fn a_pause_ends_by_itself_with_the_first_pass_after_its_time() {
    with_pool(|database| {
        run(database, &["pause", "--for", "1ms"]).ok();
        let plan = run(database, &["plan", "-o", "json"]).json();
        assert_eq!(plan["reconciliation_paused"], false);
        assert_eq!(pass(database, &[]).json()["outcome"], "applied");
        assert_eq!(database.count(WORKSPACES), 2);
        let setting = "SELECT value FROM site_configs WHERE key = 'prebuilds_settings'";
        let stored = database.value(setting);
        assert_eq!(
            stored.as_deref(),
            Some(r#"{"reconciliation_paused":false}"#)
        );
    });
}

#[test]
fn a_pause_that_coderd_has_made_since_does_not_end_by_itself() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        scene.preset(&scene.template("web"), "small", 2);
        run(
            &database,
            &["pause", "--for", "1ms", "--reason", "over soon"],
        )
        .ok();
        database.execute(
            r#"UPDATE site_configs SET value = '{"reconciliation_paused":true}'
               WHERE key = 'prebuilds_settings'"#,
        );
        assert_eq!(pass(&database, &[]).json()["outcome"], "paused");
        assert_eq!(database.count(WORKSPACES), 0);
        assert_eq!(history(&database, &[]), [[""; 3]; 0]);
    }
}

#[test]
fn the_history_stays_small() {
    both(|database| {
        let series = if database.is_sqlite() {
            "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 10050)
             SELECT strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'), 'pass', '', '', n FROM n"
        } else {
            "SELECT now(), 'pass', '', '', CAST(n AS text) FROM generate_series(1, 10050) AS n"
        };
        database.execute(&format!(
            "INSERT INTO prebuildctl_history (created_at, event, actor, subject, message) {series};
             UPDATE prebuildctl_history SET created_at = '2020-01-01T00:00:00.000000Z' WHERE id > 10040"
        ));
        run(database, &["pause"]).ok();
        let messages =
            "SELECT count(*), min(CAST(message AS integer)), max(CAST(message AS integer))
            FROM prebuildctl_history WHERE event = 'pass'";
        // The newest 10,000, the pause among them, but for the ten of years ago.
        assert_eq!(database.row(messages), ["9989", "52", "10040"]);
    });
}

//! `pause` and `resume`: what is stored, what is said, and that passes obey.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::service::{WORKSPACES, declare, with_pool};
use crate::support::{everywhere, postgres, servers, wait_until_blocked};

const SETTING: &str = "SELECT value FROM site_configs WHERE key = 'prebuilds_settings'";
const PAUSED: &str = r#"{"reconciliation_paused":true}"#;
const ON: &str = r#"{"reconciliation_paused":false}"#;

fn run(database: &Database, command: &str) -> Value {
    prebuildctl([command, "--format", "json"])
        .on(database)
        .run()
        .json()
}

#[test]
fn the_stored_text_is_what_coder_writes() {
    with_pool(|database| {
        let text = || database.value(SETTING).unwrap();
        assert_eq!(run(database, "pause")["changed"], true);
        assert_eq!(text(), PAUSED);
        assert_eq!(run(database, "pause")["changed"], false);
        assert_eq!(run(database, "resume")["changed"], true);
        assert_eq!(text(), ON);
        assert_eq!(run(database, "resume")["changed"], false);
        // The same in other bytes is something else for coderd.
        database.execute("UPDATE site_configs SET value = '{\"reconciliation_paused\": false}'");
        assert_eq!(run(database, "resume")["changed"], true);
        assert_eq!(text(), ON);
        // Whatever stops passes can be fixed.
        database.execute("UPDATE site_configs SET value = 'no JSON'");
        assert_eq!(run(database, "pause")["changed"], true);
        assert_eq!(text(), PAUSED);
        let rows = "SELECT count(*) FROM site_configs WHERE key LIKE 'prebuilds%'";
        assert_eq!(database.count(rows), 1);
    });
}

#[test]
fn equal_bytes_are_not_written_again() {
    with_pool(|database| {
        run(database, "pause");
        // A trigger that refuses any write.
        database.execute(if database.is_sqlite() {
            "CREATE TRIGGER refuse BEFORE UPDATE ON site_configs
             BEGIN SELECT raise(ABORT, 'written'); END"
        } else {
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                 AS $$ BEGIN RAISE EXCEPTION 'written'; END $$;
             CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON site_configs
                 FOR EACH ROW EXECUTE FUNCTION refuse()"
        });
        let output = prebuildctl(["pause"]).on(database).run();
        assert_eq!(
            output.ok(),
            "Reconciliation is already paused: 1 pool no longer kept (acme/web/small); no job \
             is queued.\n"
        );
        let output = prebuildctl(["resume"]).on(database).run();
        output.expect_code(1);
        assert!(output.stderr.contains("written"), "{output:?}");
        assert_eq!(database.value(SETTING).as_deref(), Some(PAUSED));
    });
}

#[test]
fn passes_obey_and_queued_jobs_are_named() {
    with_pool(|database| {
        let pass = || {
            prebuildctl(["reconcile-once", "--format", "json"])
                .on(database)
                .run()
                .json()
        };
        run(database, "pause");
        assert_eq!(pass()["outcome"], "paused");
        assert_eq!(database.count(WORKSPACES), 0);
        run(database, "resume");
        assert_eq!(pass()["outcome"], "applied");
        assert_eq!(
            run(database, "pause"),
            json!({
                "version": 1, "reconciliation_paused": true, "changed": true,
                "pools": 1, "queued": 2, "note": null,
                "affected": [{
                    "organization_name": "acme", "template_name": "web", "preset_name": "small",
                }],
            })
        );
        let text = prebuildctl(["pause"]).on(database).run();
        assert!(text.ok().contains("2 queued jobs still run"), "{text:?}");
        assert_eq!(
            database.count(
                "SELECT count(*) FROM provisioner_jobs
             WHERE type = 'workspace_build' AND job_status = 'pending'"
            ),
            2
        );
    });
}

#[test]
fn a_pause_without_an_end_takes_the_place_of_one_that_has_one() {
    everywhere(|database| {
        let run = |arguments: &[&str]| prebuildctl(arguments).on(database).run();
        run(&["pause", "--reason", "disk full", "--for", "10s"]).ok();
        let paused = run(&["pause"]);
        assert!(!paused.ok().contains("resumes it"), "{paused:?}");
        let doctor = run(&["doctor"]);
        assert!(doctor.stdout.contains("disk full"), "{doctor:?}");
        assert!(!doctor.stdout.contains("until"), "{doctor:?}");
        let later = run(&["plan", "--at", "in 1h", "-o", "json"]).json();
        assert_eq!(later["reconciliation_paused"], true);
    });
}

/// The text of the note of a pause with another end. Both rows are written together, so that it is believed.
fn with_end(note: &Value, until: Option<&str>) -> String {
    let mut note = note.clone();
    note["note"]["until"] = json!(until);
    note["transaction"] = json!("XID");
    format!(
        "UPDATE site_configs SET value = CASE key WHEN 'prebuildctl_pause'
         THEN replace('{note}', 'XID', CAST(CAST(pg_current_xact_id() AS xid) AS text)) ELSE value END
         WHERE key IN ('prebuilds_settings', 'prebuildctl_pause')"
    )
}

#[test]
fn a_restored_database_stays_paused_whatever_the_end_of_an_earlier_pause() {
    for database in servers() {
        let run = |arguments: &[&str]| prebuildctl(arguments).on(&database).run();
        let set = |text: &str| {
            database.execute(&format!(
                "UPDATE site_configs SET value = '{text}' WHERE key = 'prebuilds_settings'"
            ));
        };
        run(&["pause", "--reason", "disk full", "--for", "10s"]).ok();
        let later = || {
            run(&["plan", "--at", "in 1h", "-o", "json"]).json()["reconciliation_paused"].clone()
        };
        assert_eq!(later(), false);
        set(r#"{"reconciliation_paused":false}"#);
        set(PAUSED);
        assert_eq!(later(), true);
        // Like a dump that is restored, it gives all rows one transaction.
        database.execute("UPDATE site_configs SET value = value");
        assert_eq!(later(), true);
    }
}

/// A pause of three workspaces' pool whose time is over; returns its note.
fn overdue(database: &Database) -> Value {
    declare(&database.url, 3);
    let pause = ["pause", "--reason", "disk full", "--for", "1h"];
    prebuildctl(pause).on(database).run().ok();
    let note = "SELECT value FROM site_configs WHERE key = 'prebuildctl_pause'";
    let note: Value = serde_json::from_str(&database.value(note).unwrap()).unwrap();
    assert!(note["note"]["until"].is_string(), "{note}");
    database.execute(&with_end(&note, Some("2026-03-01T00:00:00Z")));
    note
}

#[test]
fn doctor_warns_of_a_pause_that_no_pass_has_ended_yet() {
    let Some(database) = postgres() else { return };
    overdue(&database);
    let doctor = prebuildctl(["doctor"]).on(&database).run();
    doctor.expect_code(1);
    assert!(
        doctor.stdout.contains("its time is over, but it stays set"),
        "{doctor:?}"
    );
    prebuildctl(["reconcile-once"]).on(&database).run().ok();
    let doctor = prebuildctl(["doctor"]).on(&database).run();
    assert!(
        doctor.stdout.contains("reconciliation is not paused"),
        "{doctor:?}"
    );
}

#[test]
fn a_pass_ends_a_pause_on_the_one_session_that_it_has() {
    let Some(database) = postgres() else { return };
    overdue(&database);
    let role = format!("role_{}", database.name());
    database.execute(&format!(
        "CREATE ROLE {role} LOGIN CONNECTION LIMIT 1;
         GRANT ALL ON ALL TABLES IN SCHEMA public TO {role};
         GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}"
    ));
    let url = database.url.replace("//postgres", &format!("//{role}"));
    if url == database.url {
        return;
    }
    let pass = ["reconcile-once", "--format", "json", "--database-url", &url];
    let pass = prebuildctl(pass).run().json();
    assert_eq!(pass["outcome"], "applied");
    assert_eq!(database.value(SETTING).as_deref(), Some(ON));
    assert_eq!(database.count(WORKSPACES), 3);
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_pause_that_begins_while_a_pass_ends_the_one_before_it_stays() {
    let Some(database) = postgres() else { return };
    let note = overdue(&database);
    let mut other = database.session();
    other.execute("BEGIN");
    other.execute(&with_end(&note, None));
    let pass = prebuildctl(["reconcile-once", "--format", "json"]).on(&database);
    let pass = pass.spawn();
    wait_until_blocked(&database);
    other.execute("COMMIT");
    assert_eq!(pass.wait().json()["outcome"], "paused");
    assert_eq!(database.value(SETTING).as_deref(), Some(PAUSED));
    assert_eq!(database.count(WORKSPACES), 0);
}

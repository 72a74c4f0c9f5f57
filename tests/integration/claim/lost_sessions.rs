//! Claims whose sessions are lost, can't be opened or find the file busy.

use std::collections::BTreeSet;

use serde_json::Value;

use super::remembered::Conversation;
use super::{answers, assert_untouched, begin_workspace, line, start, start_batch};
use crate::support::process::prebuildctl;
use crate::support::scene::claims::{ACTIVE, Prebuilt, SMALL, add_preset, id, postgres, sqlite};
use crate::support::wait_until;
use crate::support::wait_until_blocked;

#[test]
fn a_session_that_is_lost_before_the_commit_costs_nothing() {
    for batch in [false, true] {
        let Some(database) = postgres() else { return };
        for number in [2001, 2002] {
            Prebuilt::new(number, SMALL).add(&database);
        }
        let mut other = database.session();
        begin_workspace(&mut other, "x");
        let claims = if batch {
            let lines = line("small", "ada", "x") + &line("small", "ada", "y");
            start_batch(&database, "1", lines)
        } else {
            start(&database, "x")
        };
        wait_until_blocked(&database);
        database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0",
        );
        other.execute("ROLLBACK");
        let output = claims.wait();
        output.ok();
        let ids: BTreeSet<String> = answers(&output)
            .iter()
            .map(|answer| answer["workspace_id"].as_str().unwrap_or("-").to_owned())
            .collect();
        let expected = if batch { &[2001, 2002][..] } else { &[2001] };
        assert_eq!(ids, expected.iter().map(|number| id(*number)).collect());
    }
}

#[test]
fn a_session_that_is_lost_at_the_commit_leaves_it_open_what_came_of_the_claim() {
    let Some(database) = postgres() else { return };
    Prebuilt::new(2001, SMALL).add(&database);
    database.execute(
        "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql
             AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER die AFTER UPDATE ON workspaces
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()",
    );
    let output = start(&database, "x").wait();
    output.expect_code(1);
    assert!(output.stderr.contains("may have been made"), "{output:?}");
    let output = start_batch(&database, "1", line("small", "ada", "x")).wait();
    output.expect_code(1);
    assert!(output.stdout.contains("may have been made"), "{output:?}");
    assert_untouched(&database, 2001);
}

#[test]
fn a_server_without_room_for_more_sessions_is_worked_with_on_those_there_are() {
    let Some(database) = postgres() else { return };
    let mut sql = String::new();
    add_preset(&mut sql, 101, ACTIVE, "many", "9", &[("cores", "2")]);
    for number in 0..8 {
        let preset = if number % 2 == 0 { SMALL } else { 101 };
        Prebuilt::new(2001 + number, preset).write(&mut sql, &database);
    }
    let role = format!("role_{}", database.name());
    sql.push_str(&format!(
        "CREATE ROLE {role} LOGIN CONNECTION LIMIT 1;
         GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    database.execute(&sql);
    let url = database.url.replace("//postgres", &format!("//{role}"));
    if url == database.url {
        return;
    }
    let lines: String = (0..8)
        .map(|number| {
            let preset = if number % 2 == 0 { "small" } else { "many" };
            line(preset, "ada", &format!("box-{number}"))
        })
        .collect();
    let arguments = ["claim", "--batch", "-", "--database-url", &url];
    let output = prebuildctl(arguments).stdin(lines).run();
    output.ok();
    let claimed = |answer: &Value| answer["status"] == "claimed";
    assert!(answers(&output).iter().all(claimed), "{output:?}");
    assert_eq!(answers(&output).len(), 8);
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_batch_gets_its_sessions_back_once_the_server_has_room() {
    let Some(database) = postgres() else { return };
    for number in 2001..=2004 {
        Prebuilt::new(number, SMALL).add(&database);
    }
    let role = format!("role_{}", database.name());
    database.execute(&format!(
        "CREATE ROLE {role} LOGIN CONNECTION LIMIT 1;
         GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let url = database.url.replace("//postgres", &format!("//{role}"));
    if url == database.url {
        return;
    }
    let mut batch = Conversation::open(&url);
    let mut other = database.session();
    begin_workspace(&mut other, "a");
    batch.ask("a");
    wait_until_blocked(&database);
    batch.ask("b");
    batch.wait_for_message("fewer sessions");
    other.execute("ROLLBACK");
    assert_eq!([batch.answer(), batch.answer()], [2001, 2002].map(id));
    database.execute(&format!("ALTER ROLE {role} CONNECTION LIMIT 9"));
    begin_workspace(&mut other, "c");
    batch.ask("c");
    wait_until_blocked(&database);
    batch.ask("d");
    wait_until("a claim is made beside the one that waits", || {
        database.count("SELECT count(*) FROM workspaces WHERE name = 'd'") == 1
    });
    other.execute("ROLLBACK");
    assert_ne!(batch.answer(), "");
    assert_ne!(batch.answer(), "");
    batch.end();
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_set_of_claims_waits_for_a_busy_file_as_one() {
    let database = sqlite();
    for number in 2001..=2016 {
        Prebuilt::new(number, SMALL).add(&database);
    }
    let mut holder = database.session();
    holder.execute("BEGIN IMMEDIATE");
    let lines = (0..16).map(|number| line("small", "ada", &format!("box-{number}")));
    // The first line can be on its way before the others are read; one by one it would be 80 s.
    let command = [
        "claim",
        "--batch",
        "-",
        "--parallel",
        "1",
        "--timeout",
        "40s",
    ];
    let output = prebuildctl(command)
        .on(&database)
        .stdin(lines.collect::<String>())
        .run();
    output.expect_code(1);
    let answers = answers(&output);
    assert_eq!(answers.len(), 16);
    for answer in answers {
        assert_eq!(answer["status"], "error", "{answer}");
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains("locked by another process"), "{message}");
    }
    holder.execute("ROLLBACK");
    assert_untouched(&database, 2001);
}

#[test]
fn a_commit_that_the_server_refuses_claims_nothing() {
    let Some(database) = postgres() else { return };
    for number in [2001, 2002] {
        Prebuilt::new(number, SMALL).add(&database);
    }
    database.execute(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
             AS $$ BEGIN RAISE EXCEPTION 'refused at the commit'; END $$;
         CREATE CONSTRAINT TRIGGER refuse AFTER UPDATE ON workspaces
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
             WHEN (NEW.name LIKE 'bad-%') EXECUTE FUNCTION refuse()",
    );
    let output = start(&database, "bad-one").wait();
    output.expect_code(1);
    assert!(
        output.stderr.contains("refused at the commit"),
        "{output:?}"
    );
    // Of a set only the request fails that makes the commit fail.
    let lines = line("small", "ada", "bad-two") + &line("small", "ada", "good");
    let output = start_batch(&database, "1", lines).wait();
    output.expect_code(1);
    let answers = answers(&output);
    assert_eq!(answers[0]["status"], "error", "{output:?}");
    assert_eq!(answers[1]["workspace_id"], id(2001), "{output:?}");
    assert_untouched(&database, 2002);
}

#[test]
fn a_claim_gives_way_to_others_and_goes_again_until_they_are_done() {
    let Some(database) = postgres() else { return };
    Prebuilt::new(2001, SMALL).add(&database);
    let mut other = database.session();
    begin_workspace(&mut other, "x");
    let claims = start(&database, "x");
    wait_until_blocked(&database);
    let mut session = database.session();
    let mut begun = || {
        session.value(
            "SELECT max(xact_start) FROM pg_stat_activity WHERE datname = current_database()
             AND application_name = 'prebuildctl' AND cardinality(pg_blocking_pids(pid)) > 0",
        )
    };
    let first = begun();
    // Less than until the server takes its wait for a deadlock, in which coderd might have to give in.
    wait_until("the claim has begun anew", || {
        let again = begun();
        again.is_some() && again != first
    });
    other.execute("ROLLBACK");
    let output = claims.wait();
    assert_eq!(answers(&output)[0]["workspace_id"], id(2001), "{output:?}");
}

//! `claim --batch`: what every line is answered, whatever comes in and whoever listens.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::remembered::Conversation;
use super::{STRAY_JOBS, answers, line};
use crate::support::database::{Database, Session};
use crate::support::scene::PREBUILDS_USER;
use crate::support::scene::claims::{ADA, Prebuilt, SMALL, batch, claim, everywhere, id};
use crate::support::{wait_for_goodbye, wait_until_blocked};

#[test]
fn a_batch_answers_every_line_in_order() {
    everywhere(|database| {
        for number in 2001..=2003 {
            Prebuilt::new(number, SMALL).add(database);
        }
        let long = "x".repeat(20_000);
        let lines = format!(
            r#"{{"preset":"small","user":"ada","name":"a","key":"k1"}}
{{"preset":"small","user":"ada","name":"A","key":"k2"}}
not json

{{"preset":"small","user":"ada","name":"a","key":"k1"}}
{{"preset":"small","user":"ada","key":"k3"}}
{{"preset":"small","user":"ada","name":"{long}"}}
{{"preset":"small","user":"ada","name":"b","more":1,"key":"k4"}}
{{"preset":"small","user":"ada","name":"b_b","key":"k5"}}
{{"preset":"none","user":"ada","name":"b"}}
{{"preset":"small","user":"nobody","name":"b"}}
{{"preset":"backend/small","user":"grace","name":"b","key":"k5"}}
{{"preset":"small","user":"ada","name":"b"}}
{{"preset":"large","user":"ada","name":"c","key":"k6"}}
{{"preset":"large","user":"ada","name":"c","key":"k6"}}"#
        );
        let output = batch(database, &lines);
        output.expect_code(1);
        let answers: Vec<Value> = output
            .stdout
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let field = |name: &str| -> Vec<&str> {
            answers
                .iter()
                .map(|answer| answer[name].as_str().unwrap_or("-"))
                .collect()
        };
        assert_eq!(
            field("status"),
            [
                "claimed",
                "error",
                "error",
                "claimed",
                "error",
                "error",
                "error",
                "error",
                "none_claimable",
                "error",
                "claimed",
                "claimed",
                "none_claimable",
                "none_claimable",
            ]
        );
        assert_eq!(
            field("key"),
            [
                "k1", "k2", "-", "k1", "k3", "-", "k4", "k5", "-", "-", "k5", "-", "k6", "k6"
            ]
        );
        for (at, part) in [
            (1, "has a workspace \"A\" already"),
            (2, "not a request"),
            (4, "missing field `name`"),
            (5, "longer than"),
            (6, "unknown field `more`"),
            (7, "is not a workspace name"),
            (8, "no preset \"none\""),
            (9, "no user \"nobody\""),
            (12, "no prebuilt workspace"),
        ] {
            assert!(field("message")[at].contains(part), "{:?}", answers[at]);
        }
        assert_eq!(answers[0], answers[3]);
        let ids: std::collections::BTreeSet<&str> = [0, 10, 11]
            .iter()
            .map(|at| field("workspace_id")[*at])
            .collect();
        assert_eq!(ids.len(), 3);
        let claimed =
            format!("SELECT count(*) FROM workspaces WHERE owner_id <> '{PREBUILDS_USER}'");
        assert_eq!(database.count(&claimed), 3);
        let fine = batch(database, r#"{"preset":"small","user":"ada","name":"z"}"#);
        assert!(fine.ok().contains("none_claimable"));
        assert_eq!(batch(database, "\n\n").ok(), "");
    });
}

#[test]
fn a_batch_is_read_from_a_file_and_bad_ones_fail_at_once() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        let dir = crate::support::process::TestDir::new();
        let file = dir.write(
            "requests",
            "{\"preset\":\"small\",\"user\":\"ada\",\"name\":\"a\"}",
        );
        let output = claim(database, &["--batch", file.to_str().unwrap()]);
        assert!(output.ok().contains("\"claimed\""));
        claim(database, &["--batch", "/no/such/file"]).expect_code(1);
        let output = claim(database, &["--batch", dir.path().to_str().unwrap()]);
        output.expect_code(1);
        assert!(output.stderr.contains("it is a folder"), "{output:?}");
    });
}

#[test]
fn a_batch_whose_reader_has_gone_tells_what_was_claimed_all_the_same() {
    everywhere(|database| {
        for number in 2001..=2040 {
            Prebuilt::new(number, SMALL).add(database);
        }
        let home = crate::support::process::TestDir::new();
        let mut batch = Command::new(env!("CARGO_BIN_EXE_prebuildctl"))
            .args(["claim", "--batch", "-", "--database-url", &database.url])
            .env_clear()
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = batch.stdin.take().unwrap();
        let mut stdout = BufReader::new(batch.stdout.take().unwrap());
        let line = |number: u32| {
            format!("{{\"preset\":\"small\",\"user\":\"ada\",\"name\":\"n{number}\"}}\n")
        };
        stdin.write_all(line(0).as_bytes()).unwrap();
        let mut answer = String::new();
        stdout.read_line(&mut answer).unwrap();
        assert!(answer.contains("\"claimed\""), "{answer}");
        drop(stdout);
        // It may stop reading before it has read them all.
        let _written = (1..40).try_for_each(|number| stdin.write_all(line(number).as_bytes()));
        drop(stdin);
        let output = batch.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(
            stderr.contains("the reader of the answers has gone"),
            "{stderr}"
        );
        let told = stderr.split_once(" could not be delivered, ").unwrap().1;
        let claimed: i64 = told.split_once(' ').unwrap().0.parse().unwrap();
        assert!(claimed > 0, "{stderr}");
        let owned = format!(
            "SELECT count(*) FROM workspaces WHERE owner_id = '{}'",
            id(ADA)
        );
        assert_eq!(database.count(&owned), claimed + 1, "{stderr}");
    });
}

/// A batch that has claimed for `a` and is kept from claiming for `b` and `c` by the session that is returned.
fn held(database: &Database) -> (Conversation, Session) {
    for number in 2001..=2005 {
        Prebuilt::new(number, SMALL).add(database);
    }
    let mut batch = Conversation::open(&database.url);
    batch.ask("a");
    assert_eq!(batch.answer(), id(2001));
    let mut holder = database.session();
    holder.execute(if database.is_sqlite() {
        "BEGIN IMMEDIATE"
    } else {
        "BEGIN; LOCK TABLE workspaces IN SHARE MODE"
    });
    batch.ask("b");
    batch.ask("c");
    // Who waits for a file can't be seen, and need not have begun: nobody writes to it before the holder ends.
    if !database.is_sqlite() {
        wait_until_blocked(database);
    }
    (batch, holder)
}

/// Makes sure that these are the names of ada's workspaces, and that nothing is half made.
#[track_caller]
fn assert_claimed(database: &Database, names: &[&str]) {
    let ada = id(ADA);
    let owned = format!("SELECT name FROM workspaces WHERE owner_id = '{ada}' ORDER BY name");
    assert_eq!(database.column(&owned), names);
    let built = format!(
        "SELECT w.name FROM workspaces AS w JOIN workspace_builds AS b ON b.workspace_id = w.id
         JOIN provisioner_jobs AS j ON j.id = b.job_id
         WHERE w.owner_id = '{ada}' AND b.build_number = 2 AND b.transition = 'start'
         ORDER BY w.name"
    );
    assert_eq!(database.column(&built), names);
    for (rest, sql) in [
        (
            "builds of what nobody has",
            "SELECT count(*) FROM workspaces AS w JOIN workspace_builds AS b
                ON b.workspace_id = w.id
             WHERE w.owner_id = :prebuilds AND b.build_number > 1",
        ),
        ("jobs without a build", STRAY_JOBS),
    ] {
        let sql = sql.replace(":prebuilds", &format!("'{PREBUILDS_USER}'"));
        assert_eq!(database.count(&sql), 0, "{rest}");
    }
}

#[test]
fn a_batch_that_a_signal_ends_has_claimed_what_it_has_answered() {
    everywhere(|database| {
        let (conversation, holder) = held(database);
        let (status, rest) = conversation.end_by("TERM");
        assert_eq!(status.code(), Some(143), "{status}");
        assert!(!rest.contains(r#""status":"claimed""#), "{rest}");
        drop(holder);
        wait_for_goodbye(database);
        assert_claimed(database, &["a"]);
    });
}

#[test]
fn a_batch_that_was_killed_and_is_run_again_gives_each_name_once() {
    everywhere(|database| {
        let (conversation, holder) = held(database);
        let (status, _) = conversation.end_by("KILL");
        assert_eq!(status.signal(), Some(9), "{status}");
        drop(holder);
        wait_for_goodbye(database);
        let names = ["a", "b", "c", "d"];
        let lines = names.map(|name| line("small", "ada", name)).concat();
        let output = batch(database, &lines);
        output.expect_code(1);
        let answers = answers(&output);
        let statuses: Vec<&str> = answers
            .iter()
            .map(|answer| answer["status"].as_str().unwrap())
            .collect();
        // The first is refused: ada has that name.
        assert_eq!(statuses, ["error", "claimed", "claimed", "claimed"]);
        assert_claimed(database, &names);
    });
}

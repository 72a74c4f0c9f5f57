//! What a batch remembers of pools from one claim to the next: it saves reading, and decides nothing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};

use serde_json::Value;

use super::line;
use crate::support::process::TestDir;
use crate::support::scene::claims::{GRACE, Prebuilt, SMALL, coderd_databases, everywhere, id};
use crate::support::scene::seconds_ago;

/// A batch whose lines are answered before the next is asked.
pub struct Conversation {
    batch: Child,
    input: ChildStdin,
    answers: BufReader<ChildStdout>,
    _home: TestDir,
}

impl Conversation {
    pub fn open(url: &str) -> Self {
        let home = TestDir::new();
        let mut batch = Command::new(env!("CARGO_BIN_EXE_prebuildctl"))
            .args(["claim", "--batch", "-", "--database-url", url])
            .env_clear()
            .env("HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: batch.stdin.take().unwrap(),
            answers: BufReader::new(batch.stdout.take().unwrap()),
            batch,
            _home: home,
        }
    }

    /// Which workspace is claimed under this name.
    fn claim(&mut self, name: &str) -> String {
        self.ask(name);
        self.answer()
    }

    pub fn ask(&mut self, name: &str) {
        let line = line("small", "ada", name);
        self.input.write_all(line.as_bytes()).unwrap();
    }

    pub fn answer(&mut self) -> String {
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        answer["workspace_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Waits for a message that holds this.
    pub fn wait_for_message(&mut self, part: &str) {
        let errors = self.batch.stderr.as_mut().unwrap();
        let mut lines = BufReader::with_capacity(1, errors).lines();
        assert!(lines.any(|line| line.unwrap().contains(part)), "{part}");
    }

    /// Ends it by this signal, such as `TERM` or `KILL`; returns the rest of its answers as well.
    pub fn end_by(mut self, signal: &str) -> (ExitStatus, String) {
        let id = self.batch.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
        let mut rest = String::new();
        self.answers.read_to_string(&mut rest).unwrap();
        (self.batch.wait().unwrap(), rest)
    }

    pub fn end(mut self) {
        drop(self.input);
        assert!(self.batch.wait().unwrap().success());
    }
}

#[test]
fn what_a_batch_has_read_before_is_claimed_in_order_as_far_as_it_still_can_be() {
    everywhere(|database| {
        for number in 2001..=2006 {
            Prebuilt::new(number, SMALL).add(database);
        }
        let set_agent = |number: u64, state: &str| {
            database.execute(&format!(
                "UPDATE workspace_agents SET lifecycle_state = '{state}' WHERE id = '{}'",
                id(number * 10)
            ));
        };
        let mut batch = Conversation::open(&database.url);
        assert_eq!(batch.claim("a"), id(2001));
        assert_eq!(batch.claim("b"), id(2002));
        // Somebody else gets the next one, and the one after that isn't ready any more ...
        database.execute(&format!(
            "UPDATE workspaces SET owner_id = '{}', name = 'hers' WHERE id = '{}'",
            id(GRACE),
            id(2003)
        ));
        set_agent(2004, "start_error");
        assert_eq!(batch.claim("c"), id(2005));
        // ... until it is: then it is the oldest again.
        set_agent(2004, "ready");
        assert_eq!(batch.claim("d"), id(2004));
        Prebuilt::new(2007, SMALL).add(database);
        let last = ["e", "f", "g"].map(|name| batch.claim(name));
        assert_eq!(last, [id(2006), id(2007), String::new()]);
        batch.end();
    });
}

#[test]
fn a_batch_takes_workspaces_out_of_contact_last() {
    everywhere(|database| {
        for number in 2001..=2005 {
            Prebuilt::new(number, SMALL).add(database);
        }
        database.execute(&format!(
            "UPDATE workspace_agents SET last_connected_at = '{}' WHERE id IN ('{}', '{}')",
            seconds_ago(7200),
            id(20010),
            id(20030)
        ));
        let mut batch = Conversation::open(&database.url);
        let order = ["a", "b", "c", "d", "e"].map(|name| batch.claim(name));
        assert_eq!(order, [2002, 2004, 2005, 2001, 2003].map(id));
        batch.end();
    });
}

#[test]
fn a_batch_writes_the_time_of_a_server_whose_clock_is_set_meanwhile() {
    for (_, database) in coderd_databases() {
        for number in 2001..=2002 {
            Prebuilt::new(number, SMALL).add(&database);
        }
        database.shift_clock("0 s");
        let mut batch = Conversation::open(&database.url);
        let is_old = |id: &str| {
            database.value(&format!(
                "SELECT max(created_at) < now() - interval '9 hours' FROM workspace_builds WHERE workspace_id = '{id}'
                 AND build_number = 2"
            ))
        };
        assert_eq!(is_old(&batch.claim("a")).as_deref(), Some("0"));
        database.shift_clock("-10 hours");
        assert_eq!(is_old(&batch.claim("b")).as_deref(), Some("1"));
        batch.end();
    }
}

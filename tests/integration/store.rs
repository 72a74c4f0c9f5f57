//! Databases and servers: which of them can be worked with, by whom, and what is said of the others.

mod black_holes;
mod broken_files;
mod clocks;
mod infinite_times;
mod init;
mod large_rows;
mod older_sqlite;
mod plans;
mod pooler;
mod roles;
mod servers;
mod two_sessions;
mod unusable;
mod urls;
mod vanished;

use crate::support::process::{Output, prebuildctl};

/// Every command that works on a database.
pub const COMMANDS: &[&str] = &["snapshot", "plan", "reconcile-once"];

/// Makes sure that the run failed, said all of this, and what to do.
#[track_caller]
pub fn assert_error(output: &Output, code: i32, texts: &[&str]) {
    output.expect_code(code);
    assert_eq!(output.stdout, "");
    for text in texts.iter().chain(&["error: ", "what to do: "]) {
        assert!(
            output.stderr.contains(text),
            "no {text:?} in {}",
            output.stderr
        );
    }
}

/// Runs every command on a URL, and makes sure that all of them fail alike.
#[track_caller]
pub fn assert_all_fail(url: &str, code: i32, texts: &[&str]) {
    for command in COMMANDS {
        let output = prebuildctl([command, "--database-url", url]).run();
        assert_error(&output, code, texts);
    }
}

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

use crate::support::process::{Output, Prebuildctl, prebuildctl};

/// Every command that works on a database, apart from those that make it. `doctor` is not among them: what
/// is wrong is its result, on standard output.
pub const COMMANDS: &[&str] = &[
    "snapshot",
    "plan",
    "reconcile-once",
    "cleanup",
    "cleanup --yes",
    "invalidate small",
    "reset-limit small --yes",
    "render small",
    "list",
    "show box",
    "logs box",
    "history",
    "demand",
    "recommend",
    "wait",
    "claim --preset small --user ada --name box",
    "claim --batch -",
    "start box",
    "stop box",
    "retry box",
    "delete box --yes",
    "users",
    "users transfer ada grace",
    "users remove ada --yes",
    "loop --max-passes 1",
    "pause",
    "resume",
    "export",
    "provision --simulate --drain",
];

/// Those that change what is declared. They refuse other tables as `init` does, and take an empty file for
/// a new database as `apply` does.
pub const DECLARING: &[&str] = &["promote web=v1", "scale small=2"];

/// All of them.
pub fn commands() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().chain(DECLARING).copied()
}

/// The command on this database.
pub fn on_url(command: &str, url: &str) -> Prebuildctl {
    prebuildctl(command.split(' ')).args(&["--database-url", url])
}

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
    assert_fail(commands(), url, code, texts);
}

/// Runs these commands on a URL, and makes sure that all of them fail alike.
#[track_caller]
pub fn assert_fail(
    commands: impl IntoIterator<Item = &'static str>,
    url: &str,
    code: i32,
    texts: &[&str],
) {
    for command in commands {
        eprintln!("{command}");
        assert_error(&on_url(command, url).run(), code, texts);
    }
}

//! The pager: what is longer than the terminal is read a screen at a time.
//!
//! Nothing is lost without one: whatever can't be shown by a pager is printed as it is.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// The exit codes of a shell that can't run the command, or doesn't find it.
const NOT_RUN: [i32; 2] = [126, 127];

/// Shows a text that is longer than the terminal by the command of PAGER, by default less. False: it is
/// still to be printed.
pub(super) fn show(text: &str) -> bool {
    let Some((_, rows)) = terminal_size::terminal_size() else {
        return false;
    };
    let pager = std::env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
    if text.lines().count() < usize::from(rows.0) || pager.is_empty() || pager == "cat" {
        return false;
    }
    let mut command = Command::new("sh");
    command.arg("-c").arg(&pager).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        // As git does: ends at once if all fits, shows colours, and leaves the text on the screen.
        command.env("LESS", "FRX");
    }
    let Ok(mut running) = command.spawn() else {
        return false;
    };
    if let Some(mut input) = running.stdin.take() {
        // Whoever has seen enough ends the pager before the text does.
        let _written = input.write_all(text.as_bytes());
    }
    running
        .wait()
        .is_ok_and(|status| status.code().is_none_or(|code| !NOT_RUN.contains(&code)))
}

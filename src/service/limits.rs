//! Limits that the system sets to the process: what happens at them is an error that is told, never an
//! end without a word.

use std::os::fd::AsFd as _;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Resource, Signal, getrlimit};
use tokio::signal::unix::{SignalKind, signal};

/// Files that a command has open at once beside those that it was given: those of the runtime and of
/// signals, a database with its side files, a second session, and what the command reads or writes.
const NEEDED_FILES: usize = 16;

/// Makes sure that enough files can be opened. Without them the runtime, which can't return an error,
/// would end the process.
pub fn check_open_files() -> Result<()> {
    let stdin = std::io::stdin();
    let copies: Result<Vec<_>, _> = (0..NEEDED_FILES)
        .map(|_| stdin.as_fd().try_clone_to_owned())
        .collect();
    let Err(error) = copies else { return Ok(()) };
    match getrlimit(Resource::Nofile).current {
        Some(limit) => bail!(
            "the process may have only {limit} files open, and needs {NEEDED_FILES} more than it was given; \
             raise the limit with ulimit -n"
        ),
        None => Err(error).context("no more files can be opened"),
    }
}

/// Lets a write beyond the limit on file sizes fail, instead of the signal ending the process.
pub fn survive_file_size_limit() -> Result<()> {
    // What is caught is no longer fatal. The handler stays when its receiver goes, and a command that is
    // started gets the system's own behaviour back, which it wouldn't if the signal were ignored.
    let _received =
        signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).context("can't catch SIGXFSZ")?;
    Ok(())
}

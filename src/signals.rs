//! SIGINT and SIGTERM: the work is dropped, which undoes what was not committed.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{SignalKind, signal};

use crate::error::{Failure, INTERRUPTED, TERMINATED};

/// Runs `work` until it is done or a signal comes. The work's connections go with it, and with them
/// every transaction that was not committed.
pub async fn unless_signalled(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let doing = "can't listen for signals";
    let mut interrupt = signal(SignalKind::interrupt()).context(doing)?;
    let mut terminate = signal(SignalKind::terminate()).context(doing)?;
    tokio::select! {
        result = work => result,
        _ = interrupt.recv() => Err(Failure::Signal { name: "SIGINT", code: INTERRUPTED }.into()),
        _ = terminate.recv() => Err(Failure::Signal { name: "SIGTERM", code: TERMINATED }.into()),
    }
}

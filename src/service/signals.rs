//! SIGINT, SIGTERM and SIGHUP.
//!
//! Most commands are dropped by the first SIGINT or SIGTERM, which undoes what was not committed.
//! Services, `loop` and `provision`, receive every signal instead and decide, and so does a watched table.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::error::Failure;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Stop(Stop),
    /// SIGHUP: run now.
    Hangup,
}

/// A signal that asks to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    Interrupt,
    Terminate,
}

impl Stop {
    /// The error of a command that this signal ended before its work was finished.
    pub(crate) fn failure(self) -> Failure {
        match self {
            Self::Interrupt => Failure::signal("SIGINT", 2),
            Self::Terminate => Failure::signal("SIGTERM", 15),
        }
    }
}

/// Runs `work` until it is done or a signal comes. The work's connections go with it, and with them
/// every transaction that was not committed.
pub async fn unless_signalled(work: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    let mut signals = listen_for_stops()?;
    tokio::select! {
        result = work => result,
        Some(Signal::Stop(stop)) = signals.recv() => Err(stop.failure().into()),
    }
}

/// Every signal from now on, in order. Dropping the receiver does not bring the system's own
/// behaviour back.
pub(crate) fn listen() -> Result<UnboundedReceiver<Signal>> {
    let [interrupt, terminate] = STOPS;
    receive(&[interrupt, terminate, (SignalKind::hangup(), Signal::Hangup)])
}

/// Every SIGINT and SIGTERM from now on, in order.
pub(crate) fn listen_for_stops() -> Result<UnboundedReceiver<Signal>> {
    receive(&STOPS)
}

const STOPS: [(SignalKind, Signal); 2] = [
    (SignalKind::interrupt(), Signal::Stop(Stop::Interrupt)),
    (SignalKind::terminate(), Signal::Stop(Stop::Terminate)),
];

fn receive(kinds: &[(SignalKind, Signal)]) -> Result<UnboundedReceiver<Signal>> {
    let (sender, receiver) = unbounded_channel();
    for (kind, meaning) in kinds {
        let mut signals = signal(*kind).context("can't listen for signals")?;
        let (sender, meaning) = (sender.clone(), *meaning);
        tokio::spawn(async move {
            while signals.recv().await.is_some() && sender.send(meaning).is_ok() {}
        });
    }
    Ok(receiver)
}

//! SIGINT, SIGTERM and SIGHUP.
//!
//! Most commands are dropped by the first SIGINT or SIGTERM, which undoes what was not committed.
//! Services, `loop` and `provision`, receive every signal instead and decide, and so does a watched table.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::error::{Failure, SIGNALLED};

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
        let name = match self {
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        };
        Failure::signal(name, self.number())
    }

    fn number(self) -> u8 {
        match self {
            Self::Interrupt => 2,
            Self::Terminate => 15,
        }
    }
}

/// How long work may take to be dropped after a signal.
const LAST_MOMENT: Duration = Duration::from_secs(1);

/// Runs `work` until it is done or a signal comes. The work's connections go with it, and with them
/// every transaction that was not committed. What computes without a pause, such as a template that takes long to
/// render, can't be dropped: it ends with the process, after `tell` was given the failure, and may leave a temporary
/// file behind.
pub async fn unless_signalled(
    work: impl Future<Output = Result<ExitCode>>,
    tell: impl FnOnce(&anyhow::Error) + Send + 'static,
) -> Result<ExitCode> {
    let mut signals = listen_for_stops()?;
    // Without a thread to spare such work ends later.
    let _watched = std::thread::Builder::new().spawn(|| end_with_process(tell));
    tokio::select! {
        result = work => result,
        Some(Signal::Stop(stop)) = signals.recv() => Err(stop.failure().into()),
    }
}

/// Waits for a signal, and ends the process if nothing else has a moment later.
#[expect(
    clippy::disallowed_methods,
    reason = "what is open can't be closed while work goes on"
)]
fn end_with_process(tell: impl FnOnce(&anyhow::Error)) -> Result<()> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_all().build()?.block_on(async {
        let mut signals = listen_for_stops()?;
        if let Some(Signal::Stop(stop)) = signals.recv().await {
            tokio::time::sleep(LAST_MOMENT).await;
            tell(&stop.failure().into());
            std::process::exit(i32::from(SIGNALLED + stop.number()));
        }
        Ok(())
    })
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

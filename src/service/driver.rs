//! Runs something again and again: at once, then at every interval, and sooner after a notification.
//!
//! Knows nothing of what it runs but how it went. Runs never overlap, ticks that were missed are not
//! caught up, and failures are followed by a back-off. The first signal to stop lets the present run
//! finish, the second drops it.

use std::pin::pin;
use std::time::Duration;

use anyhow::Result;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use crate::service::backoff::next_delay;
use crate::service::signals::Signal;
use crate::service::systemd;

/// How long to wait for more after a notification: changes rarely come alone.
const DEBOUNCE: Duration = Duration::from_millis(200);

/// Minimum delay before a run triggered by a notification.
const SHORTEST_REST: Duration = Duration::from_secs(1);

/// A run triggered by a notification comes after a rest of this many times the run before it, so that
/// a storm of changes keeps the database busy for a fifth of the time at most.
const REST: u32 = 4;

/// Longest wait: later instants are as good as never.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

#[derive(Clone, Copy, Debug)]
pub(crate) struct Schedule {
    /// From the beginning of one run to that of the next.
    pub interval: Duration,
    /// How many runs to make; none: until stopped.
    pub max_runs: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunOutcome {
    Success,
    /// To be tried again before long.
    Failure,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// All runs were made.
    Finished,
    /// A signal asked to stop, and the run it came upon was finished.
    Stopped,
}

/// Runs `run` until a signal stops it, it has run as often as it should, or it gives an error.
/// `jitter` gives a number from 0 to 1.
pub(crate) async fn drive(
    schedule: Schedule,
    signals: &mut UnboundedReceiver<Signal>,
    wake: &Notify,
    jitter: impl Fn() -> f64,
    mut run: impl AsyncFnMut() -> Result<RunOutcome>,
) -> Result<Ending> {
    let mut backoff = None;
    let mut runs = 0;
    loop {
        let started = Instant::now();
        let (outcome, stopping) = finish(run(), signals, wake).await?;
        let ended = Instant::now();
        runs += 1;
        if stopping {
            return Ok(Ending::Stopped);
        }
        if schedule.max_runs == Some(runs) {
            return Ok(Ending::Finished);
        }
        let elapsed = ended - started;
        backoff = match outcome {
            RunOutcome::Success => None,
            RunOutcome::Failure => Some(next_delay(backoff, schedule.interval, jitter())),
        };
        let rest = backoff.unwrap_or_else(|| until_next_tick(elapsed, schedule.interval));
        let due = ended + rest.min(NEVER);
        let earliest = ended + (elapsed * REST).max(SHORTEST_REST);
        if !wait(due, earliest, signals, wake).await {
            systemd::stopping();
            return Ok(Ending::Stopped);
        }
    }
}

/// Waits for a run to end. Returns also whether a signal asked to stop meanwhile; a second such signal
/// drops the run.
async fn finish(
    run: impl Future<Output = Result<RunOutcome>>,
    signals: &mut UnboundedReceiver<Signal>,
    wake: &Notify,
) -> Result<(RunOutcome, bool)> {
    let mut run = pin!(run);
    let mut stopping = false;
    loop {
        tokio::select! {
            outcome = &mut run => return Ok((outcome?, stopping)),
            Some(signal) = signals.recv() => match signal {
                Signal::Stop(signal) if stopping => return Err(signal.failure().into()),
                Signal::Stop(_) => {
                    stopping = true;
                    systemd::stopping();
                    tracing::info!("stopping when this pass is done; another signal stops at once");
                }
                Signal::Hangup => wake.notify_one(),
            },
        }
    }
}

/// Waits until the next run is due, or until shortly after a notification, though not before
/// `earliest`. False: a signal asks to stop.
async fn wait(
    due: Instant,
    earliest: Instant,
    signals: &mut UnboundedReceiver<Signal>,
    wake: &Notify,
) -> bool {
    let mut at = due;
    loop {
        tokio::select! {
            () = sleep_until(at) => return true,
            () = wake.notified() => at = at.min((Instant::now() + DEBOUNCE).max(earliest)),
            Some(signal) = signals.recv() => return matches!(signal, Signal::Hangup),
        }
    }
}

/// How long after a run that took `elapsed` the next tick is. Ticks that it missed are left out.
fn until_next_tick(elapsed: Duration, interval: Duration) -> Duration {
    let missed = elapsed.as_nanos() % interval.as_nanos().max(1);
    interval.saturating_sub(Duration::from_nanos(u64::try_from(missed).unwrap_or(0)))
}

#[cfg(test)]
mod tests;

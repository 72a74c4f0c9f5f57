//! A build under way, as the worker sees it, and when it has ended.

use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::clock;
use crate::provision::build::{Built, stage};
use crate::store::{BuildOutcome, Completion, Job, LogBatch, LogLevel, LogLine};

/// A build that has ended, and is not recorded yet.
pub(super) struct Ended {
    pub job: Job,
    pub built: Built,
    pub took: Duration,
    pub log: LogBatch,
}

impl Ended {
    /// What to record of it.
    pub(super) fn completion(&self) -> Completion<'_> {
        Completion {
            job: &self.job,
            outcome: &self.built.outcome,
            state: self.built.state.as_deref(),
            log: &self.log,
        }
    }
}

pub(super) struct Running {
    pub job: Job,
    pub since: Instant,
    /// Stops the build; none once it is used.
    stop: Option<oneshot::Sender<()>>,
    /// Whether the job belongs to another worker by now.
    pub lost: bool,
    /// Lines that are not stored yet.
    pub log: LogBatch,
}

impl Running {
    /// A build that begins now, and the receiver of its stop.
    pub(super) fn new(job: Job) -> (Self, oneshot::Receiver<()>) {
        let mut log = LogBatch::new(&job);
        if let Some(since) = job.last_heartbeat {
            let since = since.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
            let text = format!("taken over from a worker that was last seen at {since}");
            tracing::warn!(job = %job.id, workspace = job.workspace_name, "{text}");
            log.push(LogLine::new(
                clock::now(),
                LogLevel::Warn,
                stage(&job),
                &text,
            ));
        }
        let (stop, stopped) = oneshot::channel();
        let running = Self {
            job,
            since: Instant::now(),
            stop: Some(stop),
            lost: false,
            log,
        };
        (running, stopped)
    }

    /// Whether it ended only because the worker, which is to end by `force`, stopped it.
    pub(super) fn was_stopped(&self, built: &Built, force: bool) -> bool {
        force && built.outcome == BuildOutcome::Canceled && !self.job.canceled && !self.lost
    }

    /// The build as it ended.
    pub(super) fn end(mut self, built: Built) -> Ended {
        if !built.replaced.is_empty() {
            let line = LogLine::replacement(clock::now(), &built.replaced);
            self.log.push_beyond(line);
        }
        Ended {
            job: self.job,
            built,
            took: self.since.elapsed(),
            log: self.log,
        }
    }

    /// Stops the build, which then ends like any other.
    pub(super) fn stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A build that has ended can't be stopped any more.
            let _sent = stop.send(());
        }
    }
}

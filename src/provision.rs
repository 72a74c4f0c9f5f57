//! Running the queued build jobs of a database of our own.
//!
//! ```text
//!           take               build                 complete
//!  store ─────────▶ worker ─────────────▶ builder ─────────────▶ worker ─────▶ store
//!                 (which job  (one task    (a command, or      (one transaction)
//!                  is whose)   per job)     a simulation)
//! ```
//!
//! The [`worker`] alone talks to the database; a builder turns a job into a [`Built`] and knows
//! nothing of other jobs. A build can run more than once, after its worker has died, so that builds
//! have to be idempotent.

mod bounded_output;
mod build_folder;
pub(crate) mod exec;
mod group;
mod report;
mod resources;
mod running;
pub(crate) mod simulate;
pub(crate) mod worker;

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::builds::Stage;
use crate::clock;
use crate::model::Transition;
use crate::store::{BuildOutcome, Job, LogLevel, LogLine, Replaced};

pub(crate) use worker::Worker;

/// How a worker works.
#[derive(Clone, Debug)]
pub(crate) struct WorkerSettings {
    /// How many builds run at once.
    pub parallel: usize,
    /// Tags that it offers; none: it serves jobs of any tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// How often an idle worker looks for jobs.
    pub poll_interval: Duration,
    /// How often it renews its hold on its jobs.
    pub heartbeat: Duration,
    /// How long another worker's job may go without a heartbeat before it is taken over.
    pub stale_after: Duration,
    /// Whether it ends when there are no jobs left to take.
    pub drain: bool,
}

/// How jobs are built.
#[derive(Clone, Debug)]
pub(crate) enum Builder {
    Exec(exec::Exec),
    Simulate(simulate::Simulate),
}

impl Builder {
    /// Builds one job. `stop` ends the build early.
    async fn build(&self, job: &Job, log: &Log, stop: oneshot::Receiver<()>) -> Built {
        match self {
            Self::Exec(exec) => exec.build(job, log, stop).await,
            Self::Simulate(simulate) => simulate.build(job, log, stop).await,
        }
    }
}

/// What came of a build.
#[derive(Clone, Debug)]
pub(crate) struct Built {
    pub outcome: BuildOutcome,
    /// The state that it left behind, where that is another one than before.
    pub state: Option<Vec<u8>>,
    /// What a claim replaced.
    pub replaced: Replaced,
}

impl Built {
    /// A build that left nothing behind but its outcome.
    fn plain(outcome: BuildOutcome) -> Self {
        Self {
            outcome,
            state: None,
            replaced: Replaced::new(),
        }
    }
}

/// Where a build's lines go.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    job: Uuid,
    stage: &'static str,
    lines: mpsc::Sender<(Uuid, LogLine)>,
}

impl Log {
    /// The log of a job. Slow storage slows the build down: lines wait for room.
    fn new(job: &Job, lines: mpsc::Sender<(Uuid, LogLine)>) -> Self {
        Self {
            job: job.id,
            stage: stage(job),
            lines,
        }
    }

    /// Adds a line.
    async fn write(&self, level: LogLevel, text: &str) {
        let line = LogLine::new(clock::now(), level, self.stage, text);
        // A worker that no longer listens has no use for the line.
        let _sent = self.lines.send((self.job, line)).await;
    }
}

/// What a build does, as the heading of its log.
fn stage(job: &Job) -> &'static str {
    match (job.transition, job.stage) {
        (Transition::Start, Some(Stage::Claim)) => "Handing over workspace",
        (Transition::Start, _) => "Starting workspace",
        (Transition::Stop, _) => "Stopping workspace",
        (Transition::Delete, _) => "Deleting workspace",
    }
}

/// What a build does, in the word of the database.
fn transition(job: &Job) -> &'static str {
    match job.transition {
        Transition::Start => "start",
        Transition::Stop => "stop",
        Transition::Delete => "delete",
    }
}

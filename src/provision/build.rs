//! One build, as its builder and the worker see it: its log, and what came of it.

use tokio::sync::mpsc;
use uuid::Uuid;

use crate::builds::Stage;
use crate::clock;
use crate::model::Transition;
use crate::provision::build_folder::BuildFolder;
use crate::store::{BuildOutcome, Job, LogLevel, LogLine, Replaced};

#[derive(Debug)]
pub(super) struct Built {
    pub outcome: BuildOutcome,
    /// The state that it left behind, where that is another one than before.
    pub state: Option<Vec<u8>>,
    pub replaced: Replaced,
    /// Whether its command was ended by a signal that asks programs to end.
    pub signalled: bool,
    /// Kept until all this is recorded: were the worker killed before, the job would be built again, and what the build
    /// has left running must be found.
    #[expect(dead_code, reason = "there as long as it is kept")]
    pub folder: Option<BuildFolder>,
}

impl Built {
    /// A build that left nothing behind but its outcome.
    pub(super) fn plain(outcome: BuildOutcome) -> Self {
        Self {
            outcome,
            state: None,
            replaced: Replaced::new(),
            signalled: false,
            folder: None,
        }
    }
}

/// Where a build's lines go.
#[derive(Clone, Debug)]
pub(super) struct Log {
    job: Uuid,
    stage: &'static str,
    lines: mpsc::Sender<(Uuid, LogLine)>,
}

impl Log {
    /// The log of a job. Slow storage slows the build down: lines wait for room.
    pub(super) fn new(job: &Job, lines: mpsc::Sender<(Uuid, LogLine)>) -> Self {
        Self {
            job: job.id,
            stage: stage(job),
            lines,
        }
    }

    pub(super) async fn write(&self, level: LogLevel, text: &str) {
        let line = LogLine::new(clock::now(), level, self.stage, text);
        // A worker that no longer listens has no use for the line.
        let _sent = self.lines.send((self.job, line)).await;
    }
}

/// What a build does, as the heading of its log.
pub(super) fn stage(job: &Job) -> &'static str {
    match (job.transition, job.stage) {
        (Transition::Start, Some(Stage::Claim)) => "Handing over workspace",
        (Transition::Start, _) => "Starting workspace",
        (Transition::Stop, _) => "Stopping workspace",
        (Transition::Delete, _) => "Deleting workspace",
        (Transition::Unknown, _) => "Building workspace",
    }
}

/// What a build does, in the word of the database.
pub(super) fn transition(job: &Job) -> &'static str {
    match job.transition {
        Transition::Start => "start",
        Transition::Stop => "stop",
        Transition::Delete => "delete",
        Transition::Unknown => "unknown",
    }
}

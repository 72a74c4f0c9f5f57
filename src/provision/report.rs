//! What a worker tells people: a line for each build, and a summary at the end.
//!
//! Whatever comes from the database or from a build is made printable first. Changes nothing.

use std::time::Duration;

use serde::Serialize;

use crate::model::text::{plural, printable};
use crate::model::{FormatVersion, Transition};
use crate::provision::Built;
use crate::store::{Job, Outcome, Replaced};

/// What a worker has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    /// Format version of the document.
    pub version: FormatVersion,
    /// Builds that ended well.
    pub succeeded: u64,
    /// Builds that failed.
    pub failed: u64,
    /// Builds that were cancelled.
    pub cancelled: u64,
    /// Jobs of dead workers among those taken.
    pub taken_over: u64,
    /// Builds whose job was no longer this worker's at the end.
    pub lost: u64,
}

/// Counts and tells.
pub(super) struct Reporter<'a> {
    /// Prints a line of status.
    status: &'a dyn Fn(&str),
    /// What was done so far.
    pub summary: Summary,
}

impl<'a> Reporter<'a> {
    /// Nothing told yet.
    pub(super) fn new(status: &'a dyn Fn(&str)) -> Self {
        Self {
            status,
            summary: Summary::default(),
        }
    }

    /// The worker ends once so many builds have ended.
    pub(super) fn waiting(&self, builds: usize) {
        let builds = plural(builds, "build");
        (self.status)(&format!(
            "Waiting for {builds} to end; another signal ends what is still running."
        ));
    }

    /// A build whose job was no longer the worker's at the end.
    pub(super) fn lost(&mut self, job: &Job) {
        self.summary.lost += 1;
        self.tell(job, "was in vain: another worker has its job");
    }

    /// A build that was stopped together with the worker.
    pub(super) fn released(&self, job: &Job) {
        self.tell(job, "was stopped; its job waits again");
    }

    /// A build whose end is recorded.
    pub(super) fn finished(&mut self, job: &Job, built: &Built, took: Duration) {
        let seconds = took.as_secs_f64();
        match &built.outcome {
            Outcome::Succeeded(_) => {
                self.summary.succeeded += 1;
                self.tell(job, &format!("succeeded after {seconds:.1}s"));
            }
            Outcome::Failed(error) => {
                self.summary.failed += 1;
                self.tell(job, &format!("failed after {seconds:.1}s: {error}"));
            }
            Outcome::Canceled => {
                self.summary.cancelled += 1;
                self.tell(job, "was cancelled");
            }
        }
        if !built.replaced.is_empty() {
            self.replaced(job, &built.replaced);
        }
    }

    fn replaced(&self, job: &Job, replaced: &Replaced) {
        let addresses: Vec<&str> = replaced.keys().map(String::as_str).collect();
        let addresses = addresses.join(", ");
        let preset = job.preset_name.as_deref().unwrap_or_default();
        tracing::warn!(
            workspace = job.workspace_name,
            preset,
            claimant = job.owner_name,
            "the claim replaced {addresses:?}"
        );
        let text = format!(
            "by {} replaced {addresses}, preset {preset}",
            job.owner_name
        );
        self.tell(job, &text);
    }

    /// A status line about a build.
    fn tell(&self, job: &Job, what: &str) {
        let transition = match job.transition {
            Transition::Start if job.is_claim() => "claim",
            Transition::Start => "start",
            Transition::Stop => "stop",
            Transition::Delete => "delete",
        };
        let text = format!(
            "{}/{} {}: {transition} build {what}",
            job.organization_name, job.template_name, job.workspace_name
        );
        (self.status)(&printable(&text));
    }
}

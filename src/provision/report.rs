//! What a worker reports: a line for each build, and a summary at the end.
//!
//! Whatever comes from the database or from a build is made printable first. Changes nothing.

use std::time::Duration;

use serde::Serialize;

use crate::model::FormatVersion;
use crate::model::text::{plain_line, plural, printable};
use crate::provision::build::{Built, transition};
use crate::store::{BuildOutcome, Job};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Summary {
    pub version: FormatVersion,
    pub succeeded: u64,
    pub failed: u64,
    pub cancelled: u64,
    /// Jobs of dead workers among those taken.
    pub taken_over: u64,
    /// Builds whose job belonged to another worker at the end.
    pub lost: u64,
}

/// Counts builds and prints a line of status for each.
pub(super) struct Reporter<'a> {
    status: &'a dyn Fn(&str),
    pub summary: Summary,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(status: &'a dyn Fn(&str)) -> Self {
        Self {
            status,
            summary: Summary::default(),
        }
    }

    /// The worker ends once this many builds have ended, or the grace is over.
    pub(super) fn waiting(&self, builds: usize, grace: Duration) {
        let (builds, grace) = (plural(builds, "build"), humantime::format_duration(grace));
        (self.status)(&format!(
            "Waiting at most {grace} for {builds} to end; another signal ends them at once."
        ));
    }

    /// A build whose job belonged to another worker at the end.
    pub(super) fn lost(&mut self, job: &Job) {
        self.summary.lost += 1;
        self.print(job, "was in vain: another worker has its job");
    }

    /// A build that begins.
    pub(super) fn started(&self, job: &Job) {
        self.print(job, "begins");
    }

    /// A line that a build has printed.
    pub(super) fn said(&self, job: &Job, line: &str) {
        let name = printable(&job.workspace_name);
        (self.status)(&format!("{name} | {}", plain_line(line)));
    }

    /// A build that was stopped together with the worker.
    pub(super) fn released(&self, job: &Job) {
        self.print(job, "was stopped; its job waits again");
    }

    /// A build whose end is recorded.
    pub(super) fn finished(&mut self, job: &Job, built: &Built, took: Duration) {
        let seconds = took.as_secs_f64();
        let summary = &mut self.summary;
        let (count, text) = match &built.outcome {
            BuildOutcome::Succeeded(_) => (
                &mut summary.succeeded,
                format!("succeeded after {seconds:.1}s"),
            ),
            BuildOutcome::Failed(error) => (
                &mut summary.failed,
                format!("failed after {seconds:.1}s: {}", error.replace('\n', "; ")),
            ),
            BuildOutcome::Canceled => (&mut summary.cancelled, "was cancelled".to_owned()),
        };
        *count += 1;
        self.print(job, &text);
        if built.replaced.is_empty() {
            return;
        }
        let addresses: Vec<&str> = built.replaced.keys().map(String::as_str).collect();
        let addresses = addresses.join(", ");
        let preset = job.preset_name.as_deref().unwrap_or_default();
        let claimant = &job.owner_name;
        tracing::warn!(
            workspace = job.workspace_name,
            preset,
            claimant,
            "the claim replaced {addresses:?}"
        );
        let text = format!("by {claimant} replaced {addresses}, preset {preset}");
        self.print(job, &text);
    }

    fn print(&self, job: &Job, what: &str) {
        let kind = if job.is_claim() {
            "claim"
        } else {
            transition(job)
        };
        let text = format!(
            "{}/{} {}: {kind} build {what}",
            job.organization_name, job.template_name, job.workspace_name
        );
        (self.status)(&printable(&text));
    }
}

//! What came of a pass, as metrics show it.

use std::time::Duration;

use crate::error::explain;
use crate::model::Time;
use crate::model::report::{PassOutcome, Report};

/// The outcome of a pass that gave an error.
pub(super) const FAILED: &str = "failed";

/// A pass that has ended.
#[derive(Clone, Debug)]
pub(crate) struct LastPass {
    pub ended_at: Time,
    pub elapsed: Duration,
    /// The report, or the error in words.
    pub result: Result<Report, String>,
}

impl LastPass {
    pub(crate) fn new(result: &anyhow::Result<Report>, elapsed: Duration, ended_at: Time) -> Self {
        Self {
            ended_at,
            elapsed,
            result: match result {
                Ok(report) => Ok(report.clone()),
                Err(error) => Err(explain(error)),
            },
        }
    }

    /// Whether it reconciled the pools, or found reconciliation paused. A pass that found the lock
    /// taken did neither.
    pub(crate) fn is_success(&self) -> bool {
        self.report()
            .is_some_and(|report| report.outcome != PassOutcome::Locked)
    }

    pub(super) fn report(&self) -> Option<&Report> {
        self.result.as_ref().ok()
    }

    pub(super) fn outcome(&self) -> &'static str {
        self.report()
            .map_or(FAILED, |report| report.outcome.label())
    }

    /// Whether reconciliation is paused; none where the pass didn't find out.
    pub(super) fn paused(&self) -> Option<bool> {
        match self.report()?.outcome {
            PassOutcome::Locked => None,
            outcome => Some(outcome == PassOutcome::Paused),
        }
    }
}

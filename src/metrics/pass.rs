//! What came of a pass, as metrics tell it.

use std::time::Duration;

use crate::error::explain;
use crate::model::Time;
use crate::model::report::{PassOutcome, Report};

/// The outcome of a pass that gave an error.
pub(super) const FAILED: &str = "failed";

/// What came of a pass.
#[derive(Clone, Debug)]
pub(crate) struct LastPass {
    /// When it ended.
    pub ended_at: Time,
    /// How long it took.
    pub elapsed: Duration,
    /// The report, or the error in words.
    pub result: Result<Report, String>,
}

impl LastPass {
    /// Takes down how a pass went.
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

    /// Whether it looked after the pools, or was told not to. A pass that found the lock taken did
    /// neither.
    pub(crate) fn is_success(&self) -> bool {
        self.report()
            .is_some_and(|report| report.outcome != PassOutcome::Locked)
    }

    pub(super) fn report(&self) -> Option<&Report> {
        self.result.as_ref().ok()
    }

    /// Name of the outcome.
    pub(super) fn outcome(&self) -> &'static str {
        self.report()
            .map_or(FAILED, |report| report.outcome.label())
    }

    /// Whether reconciliation is paused, as far as the pass found out.
    pub(super) fn paused(&self) -> Option<bool> {
        match self.report()?.outcome {
            PassOutcome::Locked => None,
            outcome => Some(outcome == PassOutcome::Paused),
        }
    }
}

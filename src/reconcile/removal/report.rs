//! What a clean-up and a reset of failure limits list and do: their documents, version 1.
//!
//! Counts what came of the workspaces; how it is shown is not known here.

use serde::Serialize;

use super::{Removal, RemovalOutcome};
use crate::actions::failure_limit::LimitedPreset;
use crate::model::{FormatVersion, Time, time};

/// Workspaces by what came of them; those that are only listed are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    pub queued: i64,
    pub deleted: i64,
    /// Workspaces that changed after they were selected and were left alone.
    pub lost_races: i64,
    pub failed: i64,
}

impl Counts {
    pub(crate) fn of(entries: &[Removal]) -> Self {
        let mut counts = Self::default();
        for entry in entries {
            match entry.outcome {
                RemovalOutcome::Listed => {}
                RemovalOutcome::Queued => counts.queued += 1,
                RemovalOutcome::Deleted => counts.deleted += 1,
                RemovalOutcome::LostRace => counts.lost_races += 1,
                RemovalOutcome::Failed => counts.failed += 1,
            }
        }
        counts
    }
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct CleanupReport {
    pub version: FormatVersion,
    pub dry_run: bool,
    /// The instant that ages were judged at.
    #[serde(with = "time")]
    pub at: Time,
    /// Whether reconciliation is paused, which doesn't stop clean-ups.
    pub reconciliation_paused: bool,
    #[serde(flatten)]
    pub counts: Counts,
    /// Every selected workspace, the longest left alone first.
    pub workspaces: Vec<Removal>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ResetReport {
    pub version: FormatVersion,
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// The instant that limits were judged at.
    #[serde(with = "time")]
    pub at: Time,
    #[serde(flatten)]
    pub counts: Counts,
    /// Every preset that was named and is in use.
    pub presets: Vec<PresetReset>,
    /// The failed workspaces that hard limits follow from.
    pub workspaces: Vec<Removal>,
}

/// A preset, and whether it can be tried again.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PresetReset {
    #[serde(flatten)]
    pub limited: LimitedPreset,
    /// Number of failed workspaces that have to be deleted.
    pub failed_workspaces: usize,
    /// Whether it was limited and no longer is.
    pub reset: bool,
}

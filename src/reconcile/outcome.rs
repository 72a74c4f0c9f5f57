//! What came of a plan, preset by preset.
//!
//! Plain data: it neither writes nor prints.

use uuid::Uuid;

use crate::model::{PresetPlan, PresetReference};

/// What came of the steps of one preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PresetOutcome {
    pub preset: PresetReference,
    /// Workspaces created.
    pub created: Vec<Uuid>,
    /// Workspaces whose deletion was queued.
    pub deleted: Vec<Uuid>,
    /// Jobs cancelled.
    pub cancelled: Vec<Uuid>,
    /// Steps that no longer applied.
    pub lost_races: i64,
    /// Why nothing was written for this preset, if so.
    pub error: Option<String>,
}

impl PresetOutcome {
    /// Nothing was done yet.
    pub(crate) fn untouched(entry: &PresetPlan) -> Self {
        Self {
            preset: entry.preset.clone(),
            created: Vec::new(),
            deleted: Vec::new(),
            cancelled: Vec::new(),
            lost_races: 0,
            error: None,
        }
    }

    /// Nothing could be done.
    pub(crate) fn failed(entry: &PresetPlan, error: String) -> Self {
        Self {
            error: Some(error),
            ..Self::untouched(entry)
        }
    }
}

/// What came of a plan.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Presets that had something to do, in the plan's order.
    pub presets: Vec<PresetOutcome>,
    /// Jobs to tell provisioners about once the transaction is committed: distinct payloads, each
    /// with the number of jobs it stands for.
    pub postings: Vec<(String, usize)>,
}

//! Whether pools are full, and what is missing.
//!
//! Pure. A pool is full when as many unexpired workspaces of the active version are ready as are desired
//! now.

use serde::Serialize;

use crate::model::{
    Block, FormatVersion, Plan, PrebuildStatus, Preset, PresetPlan, PresetReference, Snapshot,
};

/// How full pools are: what `wait --format json` writes, version 1.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Readiness {
    version: FormatVersion,
    /// Whether every pool is full.
    pub ready: bool,
    /// Whether reconciliation is paused, so that no pass fills any.
    pub reconciliation_paused: bool,
    /// One for each preset in use.
    pub presets: Vec<PoolReadiness>,
}

/// How full a pool is.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PoolReadiness {
    pub preset: PresetReference,
    pub desired: i64,
    pub ready: i64,
    /// Start builds in progress.
    pub starting: i64,
    /// Why no pass can fill it; null if one can.
    pub problem: Option<String>,
}

impl Readiness {
    /// Judges the presets in use. `plan` is the snapshot's own.
    pub(crate) fn of(snapshot: &Snapshot, plan: &Plan) -> Self {
        let entries = snapshot.presets.iter().zip(&plan.presets);
        let in_use = entries.filter(|(preset, _)| preset.is_active());
        let presets: Vec<PoolReadiness> = in_use
            .map(|(preset, entry)| PoolReadiness {
                preset: entry.preset.clone(),
                desired: entry.state.desired,
                ready: entry.state.eligible.min(entry.state.desired),
                starting: entry.state.starting,
                problem: problem(preset, entry),
            })
            .collect();
        Self {
            version: FormatVersion,
            ready: presets.iter().all(PoolReadiness::is_full),
            reconciliation_paused: snapshot.reconciliation_paused,
            presets,
        }
    }

    /// The pools that are not full.
    pub(crate) fn missing(&self) -> impl Iterator<Item = &PoolReadiness> {
        self.presets.iter().filter(|pool| !pool.is_full())
    }

    /// Whether waiting is in vain: no pass can fill what is missing.
    pub(crate) fn is_stuck(&self) -> bool {
        self.missing().all(|pool| pool.problem.is_some())
    }
}

impl PoolReadiness {
    fn is_full(&self) -> bool {
        self.ready >= self.desired
    }
}

fn problem(preset: &Preset, entry: &PresetPlan) -> Option<String> {
    if let Some(found) = entry.left_alone() {
        return Some(found.message.clone());
    }
    let state = &entry.state;
    if state.actual - state.expired + state.starting >= state.desired {
        // Nothing has to be created: what is there gets ready by itself.
        return None;
    }
    let has_failed = preset.prebuild_status == PrebuildStatus::ValidationFailed;
    let (what, block) = if has_failed {
        ("validation failed", Block::ValidationFailed)
    } else if entry.hard_limited {
        ("hard limited", Block::HardLimited)
    } else {
        return None;
    };
    Some(format!("{what}: {}; {}", block.cause(), block.remedy()))
}

//! What keeps a preset from being tried again.
//!
//! Pure. A hard limit is not stored: it follows from the preset's newest builds, which all failed, and
//! lasts as long as those workspaces do. The status of a failed validation is stored.

use std::collections::BTreeSet;

use serde::Serialize;
use uuid::Uuid;

use crate::model::facts::Facts;
use crate::model::{JobStatus, PrebuildStatus, PresetReference, Snapshot, Transition};

/// A preset in use, and what keeps it from being tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct LimitedPreset {
    pub preset: PresetReference,
    pub prebuild_status: PrebuildStatus,
    pub hard_limited: bool,
    /// The workspaces that a hard limit follows from; none without one.
    #[serde(skip)]
    pub failed: BTreeSet<Uuid>,
}

impl LimitedPreset {
    /// Whether there is anything to reset.
    pub(crate) fn is_limited(&self) -> bool {
        let keeps_from_trying = matches!(
            self.prebuild_status,
            PrebuildStatus::HardLimited | PrebuildStatus::ValidationFailed
        );
        self.hard_limited || keeps_from_trying
    }
}

/// How the presets in use of a snapshot are limited. The facts are those of the snapshot.
pub(crate) fn limits(facts: &Facts, snapshot: &Snapshot) -> Vec<LimitedPreset> {
    let presets = snapshot.presets.iter().filter(|preset| preset.is_active());
    presets
        .map(|preset| {
            let hard_limited = snapshot
                .hard_limited
                .iter()
                .any(|row| row.preset_id == preset.id);
            LimitedPreset {
                preset: PresetReference::from(preset),
                prebuild_status: preset.prebuild_status,
                hard_limited,
                failed: if hard_limited {
                    failed_starts(facts, preset.id)
                } else {
                    BTreeSet::new()
                },
            }
        })
        .collect()
}

/// All workspaces whose failures count against the preset, not only the newest: what remained would
/// give it fewer tries than a new preset has, and keep it backing off.
fn failed_starts(facts: &Facts, preset_id: Uuid) -> BTreeSet<Uuid> {
    facts
        .prebuilds
        .iter()
        .filter(|prebuild| {
            prebuild.latest_build.as_ref().is_some_and(|build| {
                build.preset_id == Some(preset_id)
                    && build.on_active_version
                    && build.transition == Transition::Start
                    && build.job_status == JobStatus::Failed
            })
        })
        .map(|prebuild| prebuild.id)
        .collect()
}

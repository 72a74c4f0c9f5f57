//! What an invalidation has done and what is left of it: its document, version 1.

use serde::Serialize;

use super::{Step, Target};
use crate::model::{FormatVersion, PresetReference, Time, time};

#[derive(Clone, Debug, Serialize)]
pub(crate) struct InvalidateReport {
    version: FormatVersion,
    /// Whether nothing was changed.
    pub dry_run: bool,
    #[serde(with = "time")]
    pub before: Time,
    max_unavailable: Option<usize>,
    /// Whether reconciliation is paused, so that nothing is replaced.
    pub reconciliation_paused: bool,
    pub invalidated: usize,
    pub replacing: usize,
    pub remaining: usize,
    /// Every preset that was named.
    pub presets: Vec<PresetProgress>,
}

impl InvalidateReport {
    pub(crate) fn new(
        target: Target,
        dry_run: bool,
        paused: bool,
        presets: Vec<PresetProgress>,
    ) -> Self {
        Self {
            version: FormatVersion,
            dry_run,
            before: target.before,
            max_unavailable: target.max_unavailable,
            reconciliation_paused: paused,
            invalidated: presets.iter().map(|it| it.invalidated).sum(),
            replacing: presets.iter().map(|it| it.replacing).sum(),
            remaining: presets.iter().map(|it| it.remaining).sum(),
            presets,
        }
    }
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct PresetProgress {
    pub preset: PresetReference,
    /// Running workspaces that were made to expire.
    pub invalidated: usize,
    /// Expired workspaces that are still there, and those not built yet.
    pub replacing: usize,
    /// Workspaces that are still to be made to expire.
    pub remaining: usize,
    pub problem: Option<String>,
}

impl PresetProgress {
    /// Nothing was done yet.
    pub(crate) fn new(preset: &PresetReference) -> Self {
        Self {
            preset: preset.clone(),
            invalidated: 0,
            replacing: 0,
            remaining: 0,
            problem: None,
        }
    }

    /// Takes over a step, and whether its mark was set. None: the preset's version went out of use,
    /// so that passes replace its whole pool.
    pub(crate) fn update(&mut self, step: Option<&Step>, marked: bool) {
        let Some(step) = step else {
            (self.replacing, self.remaining) = (0, 0);
            return;
        };
        let expired = if marked { step.invalidated } else { 0 };
        self.invalidated += expired;
        self.replacing = step.replacing + expired;
        self.remaining = step.remaining + step.invalidated - expired;
        self.problem.clone_from(&step.problem);
        if step.mark.is_some() && !marked {
            self.problem = Some("its version is no longer the active one".to_owned());
        }
    }

    /// Workspaces that are still to be replaced.
    pub(crate) fn left(&self) -> usize {
        self.replacing + self.remaining
    }

    /// Whether waiting is of no use.
    pub(crate) fn is_stuck(&self) -> bool {
        self.problem.is_some() || self.left() == 0
    }
}

//! How a pool is: one word for what stands in its way.
//!
//! Plain data; which word it is follows in [`crate::actions::condition`].

use serde::Serialize;
use uuid::Uuid;

use super::PresetReference;

/// The condition of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Condition {
    Healthy,
    /// Fewer workspaces are ready than desired, for longer than a build takes.
    BelowTarget,
    /// Builds failed lately, and passes leave it alone for a while.
    BackingOff,
    /// Its jobs wait for a provisioner that isn't there.
    NoProvisioner,
    /// Its parameters or tags can't make a valid build.
    ValidationFailed,
    /// Its newest builds all failed: nothing is created any more.
    HardLimited,
}

impl Condition {
    pub(crate) const ALL: [Self; 6] = [
        Self::Healthy,
        Self::BelowTarget,
        Self::BackingOff,
        Self::NoProvisioner,
        Self::ValidationFailed,
        Self::HardLimited,
    ];

    /// As events, logs and the history have it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::BelowTarget => "below_target",
            Self::BackingOff => "backing_off",
            Self::NoProvisioner => "no_provisioner",
            Self::ValidationFailed => "validation_failed",
            Self::HardLimited => "hard_limited",
        }
    }
}

/// A pool in use as one pass has found it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PoolCondition {
    pub preset: PresetReference,
    pub template_id: Uuid,
    /// What the pass alone tells: healthy also where the pool is only below its target.
    pub condition: Condition,
    /// What that means and what to do about it, for people; empty for a healthy one.
    pub message: String,
    pub ready: i64,
    pub desired: i64,
}

impl PoolCondition {
    pub(crate) fn is_below_target(&self) -> bool {
        self.ready < self.desired
    }
}

/// A pool whose condition has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub preset: PresetReference,
    /// None: it was not looked at before.
    pub before: Option<Condition>,
    pub condition: Condition,
    /// What it means and what to do about it, for people.
    pub message: String,
}

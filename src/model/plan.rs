//! What to do, and why: the plan document.
//!
//! Leaves no choice to the executor. Made by [`crate::actions`] alone.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::text::count;
use super::{FormatVersion, Preset, Time, Transition, time};

/// What to do about every preset of a snapshot, and why. No preset and no workspace occurs twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub version: FormatVersion,
    /// The "now" that the plan was calculated for.
    #[serde(with = "time")]
    #[schemars(with = "Time")]
    pub planned_at: Time,
    /// Whether reconciliation is paused; a paused plan is never carried out.
    pub reconciliation_paused: bool,
    /// Whether carrying the plan out would change anything.
    pub has_changes: bool,
    pub summary: Summary,
    /// One entry for each preset of the snapshot, in the snapshot's order.
    pub presets: Vec<PresetPlan>,
    /// Builds of claimed workspaces that are due; none on Coder's database, where coderd makes them.
    #[serde(default)]
    pub claimed: Vec<DueBuild>,
}

/// A build of a claimed workspace whose time has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DueBuild {
    pub workspace_id: Uuid,
    /// User name of the owner.
    pub owner_name: String,
    /// Name of the workspace.
    pub name: String,
    /// `stop` after its time to live, `start` by its schedule.
    pub transition: Transition,
    /// Since when it is due.
    #[serde(with = "time")]
    #[schemars(with = "Time")]
    pub due_at: Time,
}

/// Totals of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Presets considered.
    pub presets: i64,
    /// Workspaces to create, without the blocked ones.
    pub create: i64,
    /// Workspaces to delete.
    pub delete: i64,
    /// Jobs to cancel.
    pub cancel_pending: i64,
    /// Presets that are backing off.
    pub backoff: i64,
    /// Workspaces not created because of a block.
    pub blocked: i64,
    /// Claimed workspaces to start by their schedules.
    #[serde(default)]
    pub start: i64,
    /// Claimed workspaces to stop after their time.
    #[serde(default)]
    pub stop: i64,
}

impl Summary {
    /// The totals of actions, without the number of presets.
    pub(crate) fn of<'a>(actions: impl IntoIterator<Item = &'a Action>) -> Self {
        let mut summary = Self::default();
        for action in actions {
            let (sum, number) = match action {
                Action::Create {
                    count,
                    blocked_by: None,
                } => (&mut summary.create, *count),
                Action::Create { count, .. } => (&mut summary.blocked, *count),
                Action::Delete { workspace_ids, .. } => {
                    (&mut summary.delete, count(workspace_ids.len()))
                }
                Action::CancelPending { count } => (&mut summary.cancel_pending, *count),
                Action::Backoff { .. } => (&mut summary.backoff, 1),
            };
            *sum = sum.saturating_add(number);
        }
        summary
    }

    /// Workspaces to create, delete or cancel.
    pub(crate) fn steps(&self) -> i64 {
        let written = self.create.saturating_add(self.delete);
        written.saturating_add(self.cancel_pending)
    }
}

/// What to do about one preset, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PresetPlan {
    pub preset: PresetReference,
    /// The numbers that the decision rests on.
    pub state: State,
    /// Whether the snapshot lists the preset as hard limited.
    pub hard_limited: bool,
    /// What to do, in this order.
    pub actions: Vec<Action>,
    /// One sentence for a person: why these actions, or why none.
    pub reason: String,
    /// What is wrong with the preset's configuration, if anything.
    pub diagnostics: Vec<Diagnostic>,
}

impl PresetPlan {
    /// The totals of its actions.
    pub(crate) fn summary(&self) -> Summary {
        Summary::of(&self.actions)
    }

    /// What keeps passes from looking after the preset: something of it that can't be read.
    pub(crate) fn left_alone(&self) -> Option<&Diagnostic> {
        let codes = [UNKNOWN_LABEL, UNREADABLE_TIME];
        self.diagnostics
            .iter()
            .find(|it| codes.contains(&it.code.as_str()))
    }

    /// Whether there is something to carry out.
    pub(crate) fn has_steps(&self) -> bool {
        self.summary().steps() > 0
    }
}

/// Enough of a preset to find and name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PresetReference {
    pub id: Uuid,
    pub name: String,
    pub organization_name: String,
    pub template_name: String,
    pub template_version_name: String,
    /// Whether that version is its template's active one.
    pub using_active_version: bool,
}

impl From<&Preset> for PresetReference {
    fn from(preset: &Preset) -> Self {
        Self {
            id: preset.id,
            name: preset.name.clone(),
            organization_name: preset.organization_name.clone(),
            template_name: preset.template_name.clone(),
            template_version_name: preset.template_version_name.clone(),
            using_active_version: preset.using_active_version,
        }
    }
}

impl fmt::Display for PresetReference {
    /// `organization/template/preset`, as the `--preset` filter takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}",
            self.organization_name, self.template_name, self.name
        )
    }
}

/// The numbers of one preset at the instant of the plan. None is negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Running prebuilt workspaces, expired ones included.
    pub actual: i64,
    /// Running ones past their ttl or older than the last invalidation.
    pub expired: i64,
    /// Desired instances; 0 for an inactive preset.
    pub desired: i64,
    /// Running ones that can be claimed; 0 for an inactive preset.
    pub eligible: i64,
    /// Unexpired running ones beyond the desired instances; 0 for an inactive preset.
    pub extraneous: i64,
    /// Start builds in progress.
    pub starting: i64,
    /// Stop builds in progress.
    pub stopping: i64,
    /// Delete builds in progress.
    pub deleting: i64,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    Create {
        count: i64,
        /// Why none is created.
        blocked_by: Option<Block>,
    },
    Delete {
        reason: DeleteReason,
        /// Oldest first, ties by id.
        #[schemars(extend("uniqueItems" = true))]
        workspace_ids: Vec<Uuid>,
    },
    /// Cancel never-started initial builds of an inactive version.
    CancelPending { count: i64 },
    /// Leave the preset alone because its builds failed lately.
    Backoff {
        /// Last instant of the back-off.
        #[serde(with = "time")]
        #[schemars(with = "Time")]
        until: Time,
        /// Failed builds that it stands for.
        failed: i64,
    },
}

/// Why creates are not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// The newest builds of the preset all failed.
    HardLimited,
    /// The preset's parameters or tags can't make a valid build.
    ValidationFailed,
}

impl Block {
    /// Why a preset is blocked, in a sentence about it.
    pub(crate) fn cause(self) -> &'static str {
        match self {
            Self::HardLimited => "its newest builds all failed",
            Self::ValidationFailed => "it can't make a valid build",
        }
    }

    /// What to do about it; the name of the preset may follow.
    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::HardLimited => {
                "find out why (prebuildctl plan --explain), then push a new template version or run prebuildctl \
                 reset-limit"
            }
            Self::ValidationFailed => {
                "fix the parameters or tags in a new template version, or run prebuildctl reset-limit"
            }
        }
    }
}

/// Why workspaces are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeleteReason {
    /// Past the ttl, or older than the last invalidation.
    Expired,
    /// More than desired.
    Extraneous,
    /// The preset is no longer in use.
    Inactive,
}

/// The code of a label that this version doesn't know.
pub(crate) const UNKNOWN_LABEL: &str = "unknown_label";
/// The code of a time that is infinite or of a far year.
pub(crate) const UNREADABLE_TIME: &str = "unreadable_time";

/// Something that is wrong with a preset's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Stable identifier in snake case, for scripts.
    pub code: String,
    /// What is wrong and what follows, for people.
    pub message: String,
}

impl Diagnostic {
    pub(crate) fn error(code: &str, message: String) -> Self {
        Self::new(Severity::Error, code, message)
    }

    pub(crate) fn warning(code: &str, message: String) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    fn new(severity: Severity, code: &str, message: String) -> Self {
        Self {
            severity,
            code: code.to_owned(),
            message,
        }
    }
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The pool is kept, though not quite as configured.
    Warning,
    /// A part of the configuration has no effect.
    Error,
}

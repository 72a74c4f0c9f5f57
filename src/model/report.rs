//! What came of a pass: the document of `reconcile-once --format json`, version 1.
//!
//! The executor fills a [`PresetReport`] for each preset that had something to do; tables, documents
//! and metrics of a pass show this and nothing else.

use schemars::JsonSchema;
use serde::Serialize;
use uuid::Uuid;

use super::condition::PoolCondition;
use super::{Diagnostic, DueBuild, FormatVersion, PresetPlan, PresetReference, Time, time};

/// What came of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PassOutcome {
    /// The plan was carried out.
    Applied,
    /// There was nothing to do.
    NothingToDo,
    /// Another process holds the lock.
    Locked,
    /// Reconciliation is paused.
    Paused,
    /// At least one preset failed.
    Partial,
}

impl PassOutcome {
    pub(crate) const ALL: [Self; 5] = [
        Self::Applied,
        Self::NothingToDo,
        Self::Locked,
        Self::Paused,
        Self::Partial,
    ];

    /// The outcome's name in documents, logs and metrics.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::NothingToDo => "nothing_to_do",
            Self::Locked => "locked",
            Self::Paused => "paused",
            Self::Partial => "partial",
        }
    }
}

/// The report of a pass, version 1.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Report {
    pub version: FormatVersion,
    pub outcome: PassOutcome,
    /// The "now" of the plan.
    #[serde(with = "time")]
    #[schemars(with = "Time")]
    pub planned_at: Time,
    /// How long the pass took, in milliseconds.
    pub elapsed_ms: u64,
    pub created: usize,
    /// Workspaces whose deletion was queued.
    pub deleted: usize,
    pub cancelled: usize,
    /// Steps that no longer applied when they were to be written.
    pub lost_races: i64,
    /// Creates put off by `--max-in-flight`.
    pub deferred: i64,
    /// Members of superseded versions that stay until their replacements are ready.
    pub kept: i64,
    /// Presets that had actions.
    pub presets: Vec<PresetReport>,
    /// Claimed workspaces of which a build was due.
    pub claimed: Vec<ClaimedReport>,
    /// Presets that back off.
    #[serde(skip)]
    pub backing_off: i64,
    /// Creates that something blocks.
    #[serde(skip)]
    pub blocked: i64,
    /// The pools in use as the pass found them; none where it did not look.
    #[serde(skip)]
    pub pools: Vec<PoolCondition>,
}

/// What came of a build of a claimed workspace that was due.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ClaimedReport {
    pub due: DueBuild,
    /// `organization/template/-`, as the history has it.
    #[serde(skip)]
    pub subject: String,
    /// The job of its build; none when it failed, or something else had happened to the workspace.
    pub job_id: Option<Uuid>,
    /// What failed, if anything.
    pub error: Option<String>,
}

/// What came of one preset.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct PresetReport {
    pub preset: PresetReference,
    /// Ids of the workspaces created.
    #[schemars(extend("uniqueItems" = true))]
    pub created: Vec<Uuid>,
    /// Ids of the workspaces whose deletion was queued.
    #[schemars(extend("uniqueItems" = true))]
    pub deleted: Vec<Uuid>,
    /// Ids of the jobs cancelled.
    #[schemars(extend("uniqueItems" = true))]
    pub cancelled: Vec<Uuid>,
    /// Steps that no longer applied when they were to be written.
    #[serde(skip)]
    pub lost_races: i64,
    /// What failed, if anything.
    pub error: Option<String>,
    /// What is to be said about what was done.
    pub diagnostics: Vec<Diagnostic>,
}

impl PresetReport {
    /// Nothing was done yet.
    pub(crate) fn untouched(entry: &PresetPlan) -> Self {
        Self {
            preset: entry.preset.clone(),
            created: Vec::new(),
            deleted: Vec::new(),
            cancelled: Vec::new(),
            lost_races: 0,
            error: None,
            diagnostics: Vec::new(),
        }
    }

    /// Adds what failed, or what was left out.
    pub(crate) fn add_error(&mut self, error: &str) {
        match &mut self.error {
            Some(errors) => {
                errors.push_str("; ");
                errors.push_str(error);
            }
            None => self.error = Some(error.to_owned()),
        }
    }
}

impl Report {
    /// A report of presets that had actions.
    pub(crate) fn new(outcome: PassOutcome, planned_at: Time, presets: Vec<PresetReport>) -> Self {
        Self {
            version: FormatVersion,
            outcome,
            planned_at,
            elapsed_ms: 0,
            created: presets.iter().map(|preset| preset.created.len()).sum(),
            deleted: presets.iter().map(|preset| preset.deleted.len()).sum(),
            cancelled: presets.iter().map(|preset| preset.cancelled.len()).sum(),
            lost_races: presets.iter().map(|preset| preset.lost_races).sum(),
            deferred: 0,
            kept: 0,
            backing_off: 0,
            blocked: 0,
            pools: Vec::new(),
            presets,
            claimed: Vec::new(),
        }
    }

    /// Whether the pass changed anything about workspaces or jobs.
    pub(crate) fn wrote_anything(&self) -> bool {
        self.created + self.deleted + self.cancelled > 0
            || self.claimed.iter().any(|it| it.job_id.is_some())
    }

    /// What failed, in the order of presets and workspaces.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &str> {
        let presets = self.presets.iter().map(|it| it.error.as_deref());
        let claimed = self.claimed.iter().map(|it| it.error.as_deref());
        presets.chain(claimed).flatten()
    }
}

//! What came of a pass: the document of `reconcile-once --format json`, and the same for people.

use comfy_table::Color;
use serde::Serialize;
use uuid::Uuid;

use crate::model::text::{plural, printable};
use crate::model::{FormatVersion, PresetReference, Time, time};
use crate::reconcile::executor::PresetOutcome;
use crate::render::table::{Grid, number, plain};
use crate::render::{PresetNames, TableStyle};

/// What came of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
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
    /// Every outcome.
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
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Report {
    pub version: FormatVersion,
    /// What came of it.
    pub outcome: PassOutcome,
    /// The "now" of the plan.
    #[serde(with = "time")]
    pub planned_at: Time,
    /// How long the pass took, in milliseconds.
    pub elapsed_ms: u64,
    /// Workspaces created.
    pub created: usize,
    /// Workspaces whose deletion was queued.
    pub deleted: usize,
    /// Jobs cancelled.
    pub cancelled: usize,
    /// Steps that no longer applied when they were to be written.
    pub lost_races: i64,
    /// Creates put off by `--max-in-flight`.
    pub deferred: i64,
    /// Presets that had actions.
    pub presets: Vec<PresetReport>,
    /// Presets that back off.
    #[serde(skip)]
    pub backing_off: i64,
    /// Creates that something blocks.
    #[serde(skip)]
    pub blocked: i64,
}

/// What came of one preset.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PresetReport {
    pub preset: PresetReference,
    /// Ids of the workspaces created.
    pub created: Vec<Uuid>,
    /// Ids of the workspaces whose deletion was queued.
    pub deleted: Vec<Uuid>,
    /// Ids of the jobs cancelled.
    pub cancelled: Vec<Uuid>,
    /// What failed, if anything.
    pub error: Option<String>,
}

impl Report {
    /// A report of presets that had actions.
    pub(crate) fn new(outcome: PassOutcome, planned_at: Time, presets: Vec<PresetOutcome>) -> Self {
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
            backing_off: 0,
            blocked: 0,
            presets: presets
                .into_iter()
                .map(|preset| PresetReport {
                    preset: preset.preset,
                    created: preset.created,
                    deleted: preset.deleted,
                    cancelled: preset.cancelled,
                    error: preset.error,
                })
                .collect(),
        }
    }

    /// Whether the pass changed anything about workspaces or jobs.
    pub(crate) fn wrote_anything(&self) -> bool {
        self.created + self.deleted + self.cancelled > 0
    }

    /// The report for people.
    pub(crate) fn table(&self, style: TableStyle) -> String {
        let sentence = match self.outcome {
            PassOutcome::Applied if self.wrote_anything() => "Applied".to_owned(),
            PassOutcome::Applied => "Nothing applied".to_owned(),
            PassOutcome::Partial => {
                let failed = self
                    .presets
                    .iter()
                    .filter(|preset| preset.error.is_some())
                    .count();
                format!("{failed} of {} presets failed", self.presets.len())
            }
            PassOutcome::NothingToDo => return format!("Nothing to do.{}\n", self.remarks()),
            PassOutcome::Locked => {
                return "Another process holds the lock: nothing done.\n".to_owned();
            }
            PassOutcome::Paused => return "Reconciliation is paused: nothing done.\n".to_owned(),
        };
        let names = PresetNames::new(
            self.presets
                .iter()
                .map(|p| p.preset.organization_name.as_str()),
        );
        let mut grid = Grid::new(
            style,
            &["PRESET", "#CREATED", "#DELETED", "#CANCELLED", "ERROR"],
        );
        for preset in &self.presets {
            let count = |ids: &[Uuid]| i64::try_from(ids.len()).unwrap_or(i64::MAX);
            grid.row(vec![
                plain(names.name(&preset.preset)),
                number(count(&preset.created), Color::Green),
                number(count(&preset.deleted), Color::Red),
                number(count(&preset.cancelled), Color::Red),
                (
                    printable(preset.error.as_deref().unwrap_or("")),
                    Some(Color::Red),
                ),
            ]);
        }
        format!(
            "{}{sentence}: {} created, {} deleted, {} cancelled in {} ms.{}\n",
            grid.finish(),
            self.created,
            self.deleted,
            self.cancelled,
            self.elapsed_ms,
            self.remarks()
        )
    }

    fn remarks(&self) -> String {
        let mut text = String::new();
        if self.lost_races > 0 {
            let steps = plural(self.lost_races, "step");
            text.push_str(&format!(
                " {steps} no longer applied; the next pass sees to it."
            ));
        }
        if self.backing_off > 0 {
            let presets = plural(self.backing_off, "preset");
            text.push_str(&format!(" {presets} backing off."));
        }
        if self.blocked > 0 {
            let creates = plural(self.blocked, "create");
            text.push_str(&format!(" {creates} blocked; prebuildctl plan tells why."));
        }
        if self.deferred > 0 {
            let creates = plural(self.deferred, "create");
            text.push_str(&format!(" {creates} put off by --max-in-flight."));
        }
        text
    }
}

//! What an invalidation has done and what is left: the document of `invalidate --format json`, and
//! the same for people.

use comfy_table::Color;
use serde::Serialize;

use crate::actions::invalidation::Step;
use crate::model::text::{count, plural, printable, time};
use crate::model::{FormatVersion, PresetReference, Time, time};
use crate::render::table::{Grid, number, plain};
use crate::render::{PresetNames, TableStyle};

/// The report of an invalidation, version 1.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct InvalidateReport {
    pub version: FormatVersion,
    /// Workspaces created before this instant are to be replaced.
    #[serde(with = "time")]
    pub before: Time,
    /// How many of a pool may be expired at once; null for all.
    pub max_unavailable: Option<usize>,
    /// Whether reconciliation is paused, so that nothing is replaced.
    pub reconciliation_paused: bool,
    /// Running workspaces that were made to expire.
    pub invalidated: usize,
    /// Expired workspaces that are still there, and those not built yet.
    pub replacing: usize,
    /// Workspaces that are still to be made to expire.
    pub remaining: usize,
    /// Every preset that was named.
    pub presets: Vec<PresetProgress>,
}

/// How the invalidation of a preset stands.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PresetProgress {
    pub preset: PresetReference,
    /// Running workspaces that were made to expire.
    pub invalidated: usize,
    /// Expired workspaces that are still there, and those not built yet.
    pub replacing: usize,
    /// Workspaces that are still to be made to expire.
    pub remaining: usize,
    /// Why it can't go on by itself.
    pub problem: Option<String>,
}

impl PresetProgress {
    /// Nothing was done yet.
    pub(crate) fn new(step: &Step) -> Self {
        let mut progress = Self {
            preset: step.preset.clone(),
            invalidated: 0,
            replacing: 0,
            remaining: 0,
            problem: None,
        };
        progress.update(step);
        progress
    }

    /// Takes over how it stands, before the step is taken.
    pub(crate) fn update(&mut self, step: &Step) {
        self.replacing = step.replacing;
        self.remaining = step.remaining + step.invalidated;
        self.problem.clone_from(&step.problem);
    }

    /// The step was taken.
    pub(crate) fn advance(&mut self, step: &Step) {
        self.invalidated += step.invalidated;
        self.replacing = step.replacing + step.invalidated;
        self.remaining = step.remaining;
    }

    /// Workspaces that are still to be replaced.
    pub(crate) fn left(&self) -> usize {
        self.replacing + self.remaining
    }
}

impl InvalidateReport {
    /// The report for people.
    pub(crate) fn table(&self, style: TableStyle) -> String {
        let names = PresetNames::new(
            self.presets
                .iter()
                .map(|entry| entry.preset.organization_name.as_str()),
        );
        let headings = ["PRESET", "#INVALIDATED", "#REPLACING", "#REMAINING", ""];
        let mut grid = Grid::new(style, &headings);
        for entry in &self.presets {
            grid.row(vec![
                plain(names.name(&entry.preset)),
                number(count(entry.invalidated), Color::Yellow),
                number(count(entry.replacing), Color::Yellow),
                number(count(entry.remaining), Color::Yellow),
                (
                    printable(entry.problem.as_deref().unwrap_or_default()),
                    Some(Color::Red),
                ),
            ]);
        }
        let mut text = grid.finish();
        let before = time(&self.before);
        text.push_str(&match (self.replacing, self.remaining) {
            (0, 0) => format!("No prebuilt workspace from before {before} is left.\n"),
            (replacing, 0) => format!(
                "{} from before {before} expired; the next passes replace them.\n",
                plural(replacing, "workspace")
            ),
            (_, remaining) => format!(
                "{} from before {before} remain. Run it again with --before {} when replacements \
                 are there, or let --wait do so.\n",
                plural(remaining, "workspace"),
                time::format(&self.before)
            ),
        });
        if self.reconciliation_paused {
            text.push_str("Reconciliation is paused: nothing is replaced until it is resumed.\n");
        }
        text
    }
}

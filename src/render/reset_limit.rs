//! What resetting limits would do or has done: the document of `reset-limit --format json`, and the
//! same for people.

use comfy_table::Color;
use serde::Serialize;

use crate::actions::failure_limit::LimitedPreset;
use crate::model::text::{count, plural};
use crate::model::{FormatVersion, PrebuildStatus, Time, time};
use crate::reconcile::removal::Entry;
use crate::render::cleanup::{Counts, table};
use crate::render::table::{Grid, number, plain};
use crate::render::{PresetNames, TableStyle};

/// The report of resetting limits, version 1.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ResetReport {
    pub version: FormatVersion,
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// The instant that limits were judged at.
    #[serde(with = "time")]
    pub at: Time,
    /// How many workspaces came to what.
    #[serde(flatten)]
    pub counts: Counts,
    /// Every preset that was named and is in use.
    pub presets: Vec<PresetReset>,
    /// The failed workspaces that hard limits follow from.
    pub workspaces: Vec<Entry>,
}

/// A preset, and whether it can be tried again.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PresetReset {
    /// What limited it.
    #[serde(flatten)]
    pub limited: LimitedPreset,
    /// Failed workspaces that have to go.
    pub failed_workspaces: usize,
    /// Whether it was limited and is not any more.
    pub reset: bool,
}

impl ResetReport {
    /// The report for people.
    pub(crate) fn table(&self, style: TableStyle) -> String {
        if !self.presets.iter().any(|entry| entry.limited.is_limited()) {
            return "None of these presets is limited.\n".to_owned();
        }
        let organizations = self.presets.iter();
        let names = PresetNames::new(
            organizations.map(|entry| entry.limited.preset.organization_name.as_str()),
        );
        let mut grid = Grid::new(style, &["PRESET", "LIMIT", "#FAILED WORKSPACES", ""]);
        for entry in &self.presets {
            let failed = count(entry.failed_workspaces);
            let (word, color) = match (entry.limited.is_limited(), entry.reset, self.dry_run) {
                (false, ..) => ("nothing to reset", Color::Green),
                (_, true, _) => ("reset", Color::Green),
                (_, _, true) => ("to be reset", Color::Yellow),
                (_, _, false) => ("still limited", Color::Red),
            };
            grid.row(vec![
                plain(names.name(&entry.limited.preset)),
                plain(limit(&entry.limited)),
                number(failed, Color::Red),
                (word.to_owned(), Some(color)),
            ]);
        }
        let mut text = grid.finish();
        if !self.workspaces.is_empty() {
            text.push('\n');
            text.push_str(&table(&self.workspaces, self.at, style));
        }
        let workspaces = plural(self.workspaces.len(), "failed workspace");
        text.push_str(&match (self.dry_run, self.workspaces.len()) {
            (true, 0) => "Nothing was changed; --yes resets the status.\n".to_owned(),
            (true, _) => format!(
                "Nothing was changed; --yes deletes {workspaces}, evidence included, and resets \
                 the status.\n"
            ),
            (false, 0) => String::new(),
            (false, _) => format!("{workspaces}: {}.\n", self.counts.sentence()),
        });
        text
    }
}

fn limit(limited: &LimitedPreset) -> &'static str {
    match (limited.hard_limited, limited.prebuild_status) {
        (true, PrebuildStatus::ValidationFailed) => "hard limited, validation failed",
        (true, _) => "hard limited",
        (false, PrebuildStatus::ValidationFailed) => "validation failed",
        (false, PrebuildStatus::HardLimited) => "marked hard limited",
        (false, PrebuildStatus::Healthy) => "none",
    }
}

//! What a clean-up lists and does: the document of `cleanup --format json`, and the same for people.

use comfy_table::Color;
use serde::Serialize;

use crate::actions::leftovers::Candidate;
use crate::model::text::{plural, printable, span};
use crate::model::{FormatVersion, Time, time};
use crate::reconcile::removal::{Removal, RemovalOutcome};
use crate::render::TableStyle;
use crate::render::table::{Grid, plain};

/// Characters of an error in a table; its end tells most.
const ERROR_LENGTH: usize = 100;

/// How many workspaces came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Delete builds that wait for a provisioner, or that one works on.
    pub queued: i64,
    /// Workspaces that are gone.
    pub deleted: i64,
    /// Workspaces to which something else has happened.
    pub lost_races: i64,
    /// Workspaces that could not be deleted.
    pub failed: i64,
}

impl Counts {
    /// Counts what came of the workspaces.
    pub(crate) fn of(entries: &[Removal]) -> Self {
        let mut counts = Self::default();
        for entry in entries {
            match entry.outcome {
                RemovalOutcome::Listed => {}
                RemovalOutcome::Queued => counts.queued += 1,
                RemovalOutcome::Deleted => counts.deleted += 1,
                RemovalOutcome::LostRace => counts.lost_races += 1,
                RemovalOutcome::Failed => counts.failed += 1,
            }
        }
        counts
    }

    /// The counts that are not zero, in words.
    pub(crate) fn sentence(&self) -> String {
        let parts = [
            (self.deleted, "deleted"),
            (self.queued, "queued for deletion"),
            (self.lost_races, "left alone, because they have moved since"),
            (self.failed, "failed"),
        ];
        let words: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        words.join(", ")
    }
}

/// The report of a clean-up, version 1.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct CleanupReport {
    pub version: FormatVersion,
    /// Whether nothing was to be changed.
    pub dry_run: bool,
    /// The instant that ages were judged at.
    #[serde(with = "time")]
    pub at: Time,
    /// Whether reconciliation is paused, which does not concern clean-ups.
    pub reconciliation_paused: bool,
    /// How many came to what.
    #[serde(flatten)]
    pub counts: Counts,
    /// Every workspace selected, the longest left alone first.
    pub workspaces: Vec<Removal>,
}

impl CleanupReport {
    /// The report for people.
    pub(crate) fn table(&self, style: TableStyle) -> String {
        if self.workspaces.is_empty() {
            return "Nothing to clean up.\n".to_owned();
        }
        let mut text = table(&self.workspaces, self.at, style);
        let workspaces = plural(self.workspaces.len(), "workspace");
        if self.dry_run {
            text.push_str(&format!(
                "{workspaces}; nothing was changed. --yes deletes them.\n"
            ));
        } else {
            text.push_str(&format!("{workspaces}: {}.\n", self.counts.sentence()));
        }
        if self.reconciliation_paused {
            text.push_str("Reconciliation is paused; clean-ups work all the same.\n");
        }
        text
    }
}

/// A row for each workspace, with what came of it unless all are only listed.
pub(crate) fn table(entries: &[Removal], at: Time, style: TableStyle) -> String {
    let with_outcome = entries
        .iter()
        .any(|entry| entry.outcome != RemovalOutcome::Listed);
    let mut headings = vec!["WORKSPACE", "PRESET", "STATE", "#AGE"];
    if with_outcome {
        headings.push("OUTCOME");
    }
    headings.push("ERROR");
    let first = entries.first().map(|entry| &entry.candidate);
    let with_organization = entries
        .iter()
        .any(|entry| first.is_some_and(|it| it.organization_name != org(entry)));
    let mut grid = Grid::new(style, &headings);
    for entry in entries {
        let candidate = &entry.candidate;
        let error = entry.problem.as_ref().or(candidate.last_error.as_ref());
        let age = at.signed_duration_since(candidate.since());
        let mut row = vec![
            plain(printable(&candidate.name)),
            plain(preset(candidate, with_organization)),
            plain(candidate.state.label()),
            plain(span(age)),
        ];
        if with_outcome {
            row.push(outcome(entry.outcome));
        }
        row.push((
            error.map_or_else(String::new, |text| end_of(text)),
            Some(Color::Red),
        ));
        grid.row(row);
    }
    grid.finish()
}

fn org(entry: &Removal) -> &str {
    &entry.candidate.organization_name
}

fn preset(candidate: &Candidate, with_organization: bool) -> String {
    let organization = if with_organization {
        format!("{}/", candidate.organization_name)
    } else {
        String::new()
    };
    let preset = candidate.preset_name.as_deref().unwrap_or("-");
    printable(&format!(
        "{organization}{}/{preset}",
        candidate.template_name
    ))
}

fn outcome(fate: RemovalOutcome) -> (String, Option<Color>) {
    let (word, color) = match fate {
        RemovalOutcome::Listed => ("listed", None),
        RemovalOutcome::Queued => ("queued", Some(Color::Yellow)),
        RemovalOutcome::Deleted => ("deleted", Some(Color::Green)),
        RemovalOutcome::LostRace => ("lost race", Some(Color::Yellow)),
        RemovalOutcome::Failed => ("failed", Some(Color::Red)),
    };
    (word.to_owned(), color)
}

/// The last line of an error, and of that no more than the end.
fn end_of(error: &str) -> String {
    let line = error.trim_end().lines().next_back().unwrap_or_default();
    let length = line.chars().count();
    if length <= ERROR_LENGTH {
        return printable(line);
    }
    let end: String = line.chars().skip(length - ERROR_LENGTH).collect();
    printable(&format!("…{end}"))
}

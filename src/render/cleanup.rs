//! What a clean-up lists and does: the document of `cleanup --format json`, and the same for people.

use comfy_table::Color;
use serde::Serialize;

use crate::actions::leftovers::Candidate;
use crate::actions::state::count;
use crate::model::text::{plural, printable, span};
use crate::model::{FormatVersion, Time, time};
use crate::reconcile::removal::{Entry, Fate};
use crate::render::table::{Grid, plain};
use crate::render::{PresetNames, Show, TableStyle};

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
    pub(crate) fn of(entries: &[Entry]) -> Self {
        let mut counts = Self::default();
        for entry in entries {
            match entry.outcome {
                Fate::Listed => {}
                Fate::Queued => counts.queued += 1,
                Fate::Deleted => counts.deleted += 1,
                Fate::LostRace => counts.lost_races += 1,
                Fate::Failed => counts.failed += 1,
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
    pub workspaces: Vec<Entry>,
}

impl Show for CleanupReport {
    fn table(&self, style: TableStyle) -> String {
        if self.workspaces.is_empty() {
            return "Nothing to clean up.\n".to_owned();
        }
        let mut text = table(&self.workspaces, self.at, style);
        let workspaces = plural(count(self.workspaces.len()), "workspace");
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
pub(crate) fn table(entries: &[Entry], at: Time, style: TableStyle) -> String {
    let with_outcome = entries.iter().any(|entry| entry.outcome != Fate::Listed);
    let mut headings = vec!["WORKSPACE", "PRESET", "STATE", "#AGE"];
    if with_outcome {
        headings.push("OUTCOME");
    }
    headings.push("ERROR");
    let organizations = entries
        .iter()
        .map(|entry| &entry.candidate.organization_name);
    let names = PresetNames::among(organizations.map(String::as_str));
    let mut grid = Grid::new(style, &headings);
    for entry in entries {
        let candidate = &entry.candidate;
        let error = entry.problem.as_ref().or(candidate.last_error.as_ref());
        let age = at.signed_duration_since(candidate.since());
        let mut row = vec![
            plain(printable(&candidate.name)),
            plain(preset(candidate, &names)),
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

fn preset(candidate: &Candidate, names: &PresetNames) -> String {
    let organization = names.prefix(&candidate.organization_name);
    let preset = candidate.preset_name.as_deref().unwrap_or("-");
    printable(&format!(
        "{organization}{}/{preset}",
        candidate.template_name
    ))
}

fn outcome(fate: Fate) -> (String, Option<Color>) {
    let (word, color) = match fate {
        Fate::Listed => ("listed", None),
        Fate::Queued => ("queued", Some(Color::Yellow)),
        Fate::Deleted => ("deleted", Some(Color::Green)),
        Fate::LostRace => ("lost race", Some(Color::Yellow)),
        Fate::Failed => ("failed", Some(Color::Red)),
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

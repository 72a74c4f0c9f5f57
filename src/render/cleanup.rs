//! The table of `cleanup`: a row for each workspace, and a sentence that counts them.

use comfy_table::Color;

use crate::actions::leftovers::Candidate;
use crate::model::text::{plural, printable, span};
use crate::model::{Diagnostic, Time};
use crate::reconcile::removal::report::{CleanupReport, Counts};
use crate::reconcile::removal::{Removal, RemovalOutcome};
use crate::render::table::{Grid, plain};
use crate::render::{PresetNames, TableStyle, below, diagnostic, listed};

/// Characters of an error in a table; its end says most.
const ERROR_LENGTH: usize = 100;

/// The table, with sentences below it.
pub(crate) fn report(report: &CleanupReport, style: TableStyle) -> String {
    if report.workspaces.is_empty() {
        return "Nothing to clean up.\n".to_owned();
    }
    let mut text = table(&report.workspaces, report.at, style);
    let workspaces = plural(report.workspaces.len(), "workspace");
    if report.dry_run {
        text.push_str(&format!(
            "{workspaces}; nothing was changed. --yes deletes them.\n"
        ));
    } else {
        text.push_str(&format!("{workspaces}: {}.\n", sentence(&report.counts)));
    }
    if report.reconciliation_paused {
        text.push_str("Reconciliation is paused; clean-ups still work.\n");
    }
    text
}

pub(super) fn sentence(counts: &Counts) -> String {
    let parts = [
        (counts.deleted, "deleted"),
        (counts.queued, "queued for deletion"),
        (counts.lost_races, "left alone, because they changed"),
        (counts.failed, "failed"),
    ];
    listed(&parts)
}

/// A row for each workspace, with its outcome unless all are only listed.
pub(super) fn table(entries: &[Removal], at: Time, style: TableStyle) -> String {
    let with_outcome = entries
        .iter()
        .any(|entry| entry.outcome != RemovalOutcome::Listed);
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
    grid.finish() + &below(style, &diagnostics(entries))
}

/// A line for each thing that is to be said, with the number of workspaces.
fn diagnostics(entries: &[Removal]) -> String {
    let mut found: Vec<(&Diagnostic, usize)> = Vec::new();
    for diagnostic in entries.iter().flat_map(|entry| &entry.diagnostics) {
        match found.iter_mut().find(|(known, _)| *known == diagnostic) {
            Some((_, count)) => *count += 1,
            None => found.push((diagnostic, 1)),
        }
    }
    let line = |(it, count): &(&Diagnostic, usize)| diagnostic(&plural(*count, "workspace"), it);
    found.iter().map(line).collect()
}

fn preset(candidate: &Candidate, names: &PresetNames) -> String {
    let organization = names.prefix(&candidate.organization_name);
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

/// The end of the last line of an error.
fn end_of(error: &str) -> String {
    let line = error.trim_end().lines().next_back().unwrap_or_default();
    let length = line.chars().count();
    if length <= ERROR_LENGTH {
        return printable(line);
    }
    let end: String = line.chars().skip(length - ERROR_LENGTH).collect();
    printable(&format!("…{end}"))
}

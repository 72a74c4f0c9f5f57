//! The table of `cleanup`: a row for each workspace, and a sentence that counts them.

use comfy_table::Color;

use crate::actions::leftovers::Candidate;
use crate::model::text::{first_few, plural, printable, span};
use crate::model::{Diagnostic, Time};
use crate::reconcile::removal::report::{CleanupReport, Counts};
use crate::reconcile::removal::{Removal, RemovalOutcome};
use crate::render::table::{Cell, Grid, cell, plain};
use crate::render::warnings::warning;
use crate::render::{PresetNames, View, listed};

/// Names in a line before "and others".
const NAMES: usize = 3;
/// Characters of an error in a table; its end says most.
const ERROR_LENGTH: usize = 100;

/// The table, with sentences below it.
pub(crate) fn report(report: &CleanupReport) -> View {
    let mut view = table(&report.workspaces, report.dry_run, report.at);
    if report.workspaces.is_empty() {
        view.lines("Nothing to clean up.\n");
        return view;
    }
    let workspaces = plural(report.workspaces.len(), "workspace");
    view.lines(if report.dry_run {
        format!("{workspaces}; nothing was changed. --yes deletes them.\n")
    } else {
        format!("{workspaces}: {}.\n", sentence(&report.counts))
    });
    if report.reconciliation_paused {
        view.lines("Reconciliation is paused; clean-ups still work.\n");
    }
    view
}

/// `3 workspaces queued for deletion: a, b, c; provisioners delete them`.
pub(crate) fn missing(entries: &[Removal]) -> String {
    let queued = entries
        .iter()
        .filter(|it| it.outcome == RemovalOutcome::Queued);
    let names: Vec<String> = queued.map(|it| printable(&it.candidate.name)).collect();
    let workspaces = plural(names.len(), "workspace");
    let named = first_few(&names, NAMES, ", ");
    format!("{workspaces} queued for deletion: {named}; provisioners delete them")
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

/// A row for each workspace, with its outcome unless they are only listed.
pub(super) fn table(entries: &[Removal], dry_run: bool, at: Time) -> View {
    let mut headings = vec!["@WORKSPACE", "@PRESET", "STATE", "#AGE"];
    if !dry_run {
        headings.push("OUTCOME");
    }
    headings.extend(["ERROR", "!+ID"]);
    let organizations = entries
        .iter()
        .map(|entry| &entry.candidate.organization_name);
    let names = PresetNames::among(organizations.map(String::as_str));
    let mut grid = Grid::new(&headings);
    for entry in entries {
        let candidate = &entry.candidate;
        let organization = &candidate.organization_name;
        let error = entry.problem.as_ref().or(candidate.last_error.as_ref());
        let age = at.signed_duration_since(candidate.since());
        let mut row = vec![
            plain(printable(&candidate.name)),
            plain(preset(candidate, &names.prefix(organization)))
                .whole(preset(candidate, &format!("{organization}/"))),
            plain(candidate.state.label()),
            plain(span(age)).rank(age.num_seconds()),
        ];
        if !dry_run {
            row.push(outcome(entry.outcome));
        }
        let error = error.map_or("", String::as_str);
        let shown = cell(end_of(error), Color::Red).whole(printable(error.trim_end()));
        row.extend([shown, plain(candidate.id)]);
        grid.row(row);
    }
    let mut view = View::default();
    view.table(grid);
    view.warn(diagnostics(entries));
    view
}

/// A line for each thing that is to be said, with the number of workspaces.
fn diagnostics(entries: &[Removal]) -> Vec<String> {
    let mut found: Vec<(&Diagnostic, usize)> = Vec::new();
    for diagnostic in entries.iter().flat_map(|entry| &entry.diagnostics) {
        match found.iter_mut().find(|(known, _)| *known == diagnostic) {
            Some((_, count)) => *count += 1,
            None => found.push((diagnostic, 1)),
        }
    }
    let line = |(it, count): &(&Diagnostic, usize)| warning(&plural(*count, "workspace"), it);
    found.iter().map(line).collect()
}

fn preset(candidate: &Candidate, organization: &str) -> String {
    let preset = candidate.preset_name.as_deref().unwrap_or("-");
    printable(&format!(
        "{organization}{}/{preset}",
        candidate.template_name
    ))
}

fn outcome(fate: RemovalOutcome) -> Cell {
    match fate {
        RemovalOutcome::Listed => plain("listed"),
        RemovalOutcome::Queued => cell("queued", Color::Yellow),
        RemovalOutcome::Deleted => cell("deleted", Color::Green),
        RemovalOutcome::LostRace => cell("lost race", Color::Yellow),
        RemovalOutcome::Failed => cell("failed", Color::Red),
    }
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

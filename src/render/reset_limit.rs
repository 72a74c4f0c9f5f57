//! The tables of `reset-limit`: a row for each preset, and one for each failed workspace that limits
//! it.

use comfy_table::Color;

use crate::actions::failure_limit::LimitedPreset;
use crate::model::PrebuildStatus;
use crate::model::text::plural;
use crate::reconcile::removal::report::ResetReport;
use crate::render::cleanup::{sentence, table};
use crate::render::table::{Grid, cell, number, plain};
use crate::render::{PresetNames, View};

/// The table, with sentences below it.
pub(crate) fn view(report: &ResetReport) -> View {
    if !report
        .presets
        .iter()
        .any(|entry| entry.limited.is_limited())
    {
        return View::of("None of these presets is limited.\n");
    }
    let names = PresetNames::of(report.presets.iter().map(|entry| &entry.limited.preset));
    let mut grid = Grid::new(&["@PRESET", "LIMIT", "#FAILED WORKSPACES", "OUTCOME"]);
    for entry in &report.presets {
        let (word, color) = match (entry.limited.is_limited(), entry.reset, report.dry_run) {
            (false, ..) => ("nothing to reset", Color::Green),
            (_, true, _) => ("reset", Color::Green),
            (_, _, true) => ("to be reset", Color::Yellow),
            (_, _, false) => ("still limited", Color::Red),
        };
        grid.row(vec![
            names.cell(&entry.limited.preset),
            plain(limit(&entry.limited)),
            number(entry.failed_workspaces, Color::Red),
            cell(word, color),
        ]);
    }
    let mut view = View::default();
    view.table(grid);
    if !report.workspaces.is_empty() {
        view.gap();
        view.append(table(&report.workspaces, report.dry_run, report.at));
    }
    let workspaces = plural(report.workspaces.len(), "failed workspace");
    view.lines(match (report.dry_run, report.workspaces.len()) {
        (true, 0) => "Nothing was changed; --yes resets the status.\n".to_owned(),
        (true, _) => {
            format!("Nothing was changed; --yes deletes {workspaces} and resets the status.\n")
        }
        (false, 0) => String::new(),
        (false, _) => format!("{workspaces}: {}.\n", sentence(&report.counts)),
    });
    view
}

fn limit(limited: &LimitedPreset) -> &'static str {
    match (limited.hard_limited, limited.prebuild_status) {
        (true, PrebuildStatus::ValidationFailed) => "hard limited, validation failed",
        (true, _) => "hard limited",
        (false, PrebuildStatus::ValidationFailed) => "validation failed",
        (false, PrebuildStatus::HardLimited) => "marked hard limited",
        (false, PrebuildStatus::Unknown) => "a status that this version doesn't know",
        (false, PrebuildStatus::Healthy) => "none",
    }
}

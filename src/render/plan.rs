//! The table of `plan`: the actions of every preset, and why.

use comfy_table::Color;

use crate::actions::reason::words;
use crate::model::text::{count, plural, printable, time};
use crate::model::{Action, DueBuild, Plan, PresetPlan, Transition};
use crate::render::table::{Cell, Grid, cell, plain};
use crate::render::warnings::warnings;
use crate::render::{NO_POOLS, PresetNames, Rows, View, is_idle, listed};

pub(super) const HEADINGS: [&str; 7] = [
    "@PRESET", "#DESIRED", "#RUNNING", "ACTION", "REASON", "+VERSION", "!+ID",
];

/// The table and the totals, and a line for each kind of diagnostic, or with `all` for each of them.
pub(crate) fn view(plan: &Plan, mut rows: Rows, all: bool) -> View {
    if plan.presets.is_empty() && plan.claimed.is_empty() {
        return View::without_rows(&HEADINGS, NO_POOLS);
    }
    let names = PresetNames::of(plan.presets.iter().map(|it| &it.preset));
    let mut grid = Grid::new(&HEADINGS);
    for entry in &plan.presets {
        let is_gone = !entry.preset.using_active_version && is_idle(entry);
        if !rows.has(entry.preset.id, is_gone, !entry.actions.is_empty()) {
            continue;
        }
        grid.row(row(entry, &names, &rows));
    }
    let mut view = View::default();
    view.table(grid);
    let due: String = plan.claimed.iter().map(due).collect();
    view.lines(rows.note() + &due + &totals(plan));
    let found = plan.presets.iter().flat_map(|entry| {
        let of_preset = entry.diagnostics.iter();
        of_preset.map(|it| (names.name(&entry.preset), it))
    });
    view.warn(warnings(found, all));
    view
}

/// The row of a preset.
pub(super) fn row(entry: &PresetPlan, names: &PresetNames, rows: &Rows) -> Vec<Cell> {
    vec![
        names.cell(&entry.preset),
        plain(entry.state.desired),
        plain(entry.state.actual),
        actions(entry),
        plain(reason(entry, rows)),
        plain(printable(&entry.preset.template_version_name)),
        plain(entry.preset.id),
    ]
}

/// The reason, and where nothing is done why somebody has to look all the same.
fn reason(entry: &PresetPlan, rows: &Rows) -> String {
    let problems = rows.problems.get(&entry.preset.id);
    match problems.filter(|_| entry.actions.is_empty()) {
        None => printable(&entry.reason),
        Some(problems) => printable(&format!("{}; but {}", entry.reason, problems.join(", "))),
    }
}

/// The line of a claimed workspace whose time has come.
fn due(due: &DueBuild) -> String {
    let (path, at) = (
        format!("{}/{}", due.owner_name, due.name),
        time(&due.due_at),
    );
    let path = printable(&path);
    match due.transition {
        Transition::Start => format!("Claimed: start {path}: its schedule came round at {at}.\n"),
        _ => format!("Claimed: stop {path}: its time was over at {at}.\n"),
    }
}

fn is_backing_off(entry: &PresetPlan) -> bool {
    matches!(entry.actions.as_slice(), [Action::Backoff { .. }])
}

fn actions(entry: &PresetPlan) -> Cell {
    let mut words: Vec<String> = entry.actions.iter().map(words).collect();
    if words.is_empty() {
        return plain("-");
    }
    if entry.hard_limited && is_backing_off(entry) {
        // The end of the back-off lets nothing be created.
        words.insert(0, "hard limited".to_owned());
    }
    let mut color = Color::Green;
    for action in &entry.actions {
        color = match action {
            Action::Create {
                blocked_by: None, ..
            } => color,
            Action::Create { .. } | Action::Backoff { .. } => Color::Yellow,
            Action::Delete { .. } | Action::CancelPending { .. } => Color::Red,
        };
    }
    cell(words.join("\n"), color)
}

/// The last line of a plan.
pub(super) fn totals(plan: &Plan) -> String {
    let summary = &plan.summary;
    let presets =
        |number, words| format!("{} {words}", if number == 1 { "preset" } else { "presets" });
    let limited = plan.presets.iter().filter(|entry| entry.hard_limited);
    let limited = count(limited.count());
    // The end of their back-off lets nothing be created.
    let is_over = |entry: &&PresetPlan| entry.hard_limited && is_backing_off(entry);
    let also_limited = plan.presets.iter().filter(is_over);
    let resting = summary.backoff - count(also_limited.count());
    let mut work = listed(&[
        (summary.create, "to create"),
        (summary.delete, "to delete"),
        (summary.cancel_pending, "to cancel"),
        (summary.start, "to start"),
        (summary.stop, "to stop"),
        (summary.blocked, "blocked"),
        (limited, &presets(limited, "hard limited")),
        (resting, &presets(resting, "backing off")),
    ]);
    if work.is_empty() {
        work.push_str("nothing to do");
    }
    let paused = if plan.reconciliation_paused {
        " Reconciliation is paused: nothing is carried out until it is resumed."
    } else {
        ""
    };
    let presets = plural(summary.presets, "preset");
    format!(
        "Plan for {}: {work}; {presets} considered.{paused}\n",
        time(&plan.planned_at)
    )
}

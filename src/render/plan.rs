//! The table of `plan`: the actions of every preset, and why.

use comfy_table::Color;

use crate::actions::reason::words;
use crate::model::text::{plural, printable, time};
use crate::model::{Action, Plan, PresetPlan};
use crate::render::table::{Grid, plain};
use crate::render::{
    Hidden, NO_POOLS, PresetNames, TableStyle, below, diagnostic, is_idle, listed,
};

/// The table, the diagnostics and the totals.
pub(crate) fn table(plan: &Plan, style: TableStyle) -> String {
    if plan.presets.is_empty() {
        return NO_POOLS.to_owned();
    }
    let names = PresetNames::of(plan.presets.iter().map(|it| &it.preset));
    let mut grid = Grid::new(
        style,
        &["PRESET", "#DESIRED", "#RUNNING", "ACTION", "REASON"],
    );
    let mut hidden = Hidden::new(style);
    for entry in &plan.presets {
        if hidden.takes(!entry.preset.using_active_version && is_idle(entry)) {
            continue;
        }
        let (action, color) = actions(entry);
        grid.row(vec![
            plain(names.name(&entry.preset)),
            plain(entry.state.desired),
            plain(entry.state.actual),
            (action, color),
            plain(printable(&entry.reason)),
        ]);
    }
    let mut text = hidden.note();
    for entry in &plan.presets {
        let name = names.name(&entry.preset);
        text.extend(entry.diagnostics.iter().map(|it| diagnostic(&name, it)));
    }
    text.push_str(&totals(plan));
    grid.finish() + &below(style, &text)
}

fn actions(entry: &PresetPlan) -> (String, Option<Color>) {
    let words: Vec<String> = entry.actions.iter().map(words).collect();
    if words.is_empty() {
        return ("-".to_owned(), None);
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
    (words.join("\n"), Some(color))
}

/// The last line of a plan.
pub(super) fn totals(plan: &Plan) -> String {
    let summary = &plan.summary;
    let resting = if summary.backoff == 1 {
        "preset backing off"
    } else {
        "presets backing off"
    };
    let mut work = listed(&[
        (summary.create, "to create"),
        (summary.delete, "to delete"),
        (summary.cancel_pending, "to cancel"),
        (summary.blocked, "blocked"),
        (summary.backoff, resting),
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

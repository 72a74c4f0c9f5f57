//! The table of `plan`: what would be done about every preset, and why.

use comfy_table::Color;

use crate::actions::reason::words;
use crate::model::text::{plural, printable, time};
use crate::model::{Action, Plan, PresetPlan};
use crate::render::table::{Grid, plain};
use crate::render::{PresetNames, TableStyle, below, diagnostic};

/// The table, the diagnostics and the totals.
pub(crate) fn table(plan: &Plan, style: TableStyle) -> String {
    if plan.presets.is_empty() {
        return "No preset has prebuilds configured: nothing to do.\n".to_owned();
    }
    let names = PresetNames::new(
        plan.presets
            .iter()
            .map(|e| e.preset.organization_name.as_str()),
    );
    let mut grid = Grid::new(
        style,
        &["PRESET", "#DESIRED", "#RUNNING", "ACTION", "REASON"],
    );
    let mut hidden = 0;
    for entry in &plan.presets {
        if is_idle(entry) && !style.all {
            hidden += 1;
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
    let mut text = String::new();
    if hidden > 0 {
        let presets = plural(hidden, "preset");
        text.push_str(&format!(
            "Not shown: {presets} out of use and empty (-v shows all).\n"
        ));
    }
    for entry in &plan.presets {
        let name = names.name(&entry.preset);
        text.extend(entry.diagnostics.iter().map(|it| diagnostic(&name, it)));
    }
    text.push_str(&totals(plan));
    grid.finish() + &below(style, &text)
}

/// A preset of an inactive version that has nothing to be removed.
pub(super) fn is_idle(entry: &PresetPlan) -> bool {
    !entry.preset.using_active_version
        && entry.actions.is_empty()
        && entry.diagnostics.is_empty()
        && entry.state.actual == 0
        && entry.state.starting + entry.state.stopping + entry.state.deleting == 0
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

/// The line that ends every account of a plan.
pub(super) fn totals(plan: &Plan) -> String {
    let summary = &plan.summary;
    let mut parts = Vec::new();
    for (count, what) in [
        (summary.create, "to create"),
        (summary.delete, "to delete"),
        (summary.cancel_pending, "to cancel"),
        (summary.blocked, "blocked"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    if summary.backoff > 0 {
        parts.push(format!("{} backing off", plural(summary.backoff, "preset")));
    }
    let work = if parts.is_empty() {
        "nothing to do".to_owned()
    } else {
        parts.join(", ")
    };
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

//! The tables of `snapshot` and `plan` with a row for each template or organization.
//!
//! Every number is the sum of those of the presets, so that groups and presets never disagree.

use std::collections::BTreeMap;

use clap::ValueEnum;
use comfy_table::Color;

use super::table::{Cell, Grid, number, plain};
use super::{NO_POOLS, Rows, View, is_idle};
use crate::model::text::printable;
use crate::model::{Plan, PresetPlan, PresetReference};

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum GroupBy {
    Template,
    Organization,
}

impl GroupBy {
    fn heading(self) -> &'static str {
        match self {
            Self::Template => "@TEMPLATE",
            Self::Organization => "@ORGANIZATION",
        }
    }

    /// The name as filters take it.
    fn name(self, preset: &PresetReference) -> String {
        match self {
            Self::Template => format!("{}/{}", preset.organization_name, preset.template_name),
            Self::Organization => preset.organization_name.clone(),
        }
    }
}

/// A column with the number of a preset.
type Number = (&'static str, fn(&PresetPlan) -> i64);

const STATE: [Number; 6] = [
    ("#DESIRED", |entry| entry.state.desired),
    ("#RUNNING", |entry| entry.state.actual),
    ("#READY", |entry| entry.state.eligible),
    ("#STARTING", |entry| entry.state.starting),
    ("#DELETING", |entry| entry.state.deleting),
    ("#EXPIRED", |entry| entry.state.expired),
];

const ACTIONS: [Number; 6] = [
    ("#DESIRED", |entry| entry.state.desired),
    ("#RUNNING", |entry| entry.state.actual),
    ("#CREATE", |entry| entry.summary().create),
    ("#DELETE", |entry| entry.summary().delete),
    ("#CANCEL", |entry| entry.summary().cancel_pending),
    ("#BLOCKED", |entry| entry.summary().blocked),
];

/// What `snapshot` shows of its plan.
pub(crate) fn state(plan: &Plan, by: GroupBy, rows: Rows) -> View {
    view(plan, by, rows, &STATE)
}

/// What `plan` shows.
pub(crate) fn actions(plan: &Plan, by: GroupBy, rows: Rows) -> View {
    let mut view = view(plan, by, rows, &ACTIONS);
    view.lines(super::plan::totals(plan));
    view
}

/// The sums of a group, with its presets first and those with problems last.
fn view(plan: &Plan, by: GroupBy, mut rows: Rows, numbers: &[Number]) -> View {
    let mut headings = vec![by.heading(), "#PRESETS"];
    headings.extend(numbers.iter().map(|(heading, _)| *heading));
    headings.push("#PROBLEMS");
    if plan.presets.is_empty() {
        return View::without_rows(&headings, NO_POOLS);
    }
    let zeros = vec![0; numbers.len() + 2];
    let mut groups: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut total = zeros.clone();
    for entry in &plan.presets {
        let id = entry.preset.id;
        let is_gone = !entry.preset.using_active_version && is_idle(entry);
        if !rows.has(id, is_gone, !entry.actions.is_empty()) {
            continue;
        }
        let group = groups.entry(by.name(&entry.preset));
        let group = group.or_insert_with(|| zeros.clone());
        let problem = i64::from(rows.problems.contains_key(&id));
        let of_preset = numbers.iter().map(|(_, number)| number(entry));
        let of_preset = [1].into_iter().chain(of_preset).chain([problem]);
        for (place, value) in of_preset.enumerate() {
            for sums in [&mut *group, &mut total] {
                if let Some(sum) = sums.get_mut(place) {
                    *sum = sum.saturating_add(value);
                }
            }
        }
    }
    let mut grid = Grid::new(&headings);
    for (name, sums) in &groups {
        grid.row(cells(printable(name), sums));
    }
    grid.totals = Some(cells("TOTAL".to_owned(), &total));
    let mut view = View::default();
    view.table(grid);
    view.lines(rows.note());
    view
}

fn cells(name: String, sums: &[i64]) -> Vec<Cell> {
    let mut cells = vec![plain(name)];
    if let Some((problems, others)) = sums.split_last() {
        cells.extend(others.iter().map(plain));
        cells.push(number(*problems, Color::Yellow));
    }
    cells
}

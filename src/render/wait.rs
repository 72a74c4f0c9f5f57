//! What `wait` says: a line for what is missing, and the table of the pools.

use comfy_table::Color;

use super::table::{Grid, cell, plain, problem};
use super::{NO_POOLS, PresetNames, View};
use crate::actions::readiness::{PoolReadiness, Readiness};
use crate::model::text::{first_few, plural, printable};

const HEADINGS: [&str; 6] = [
    "@PRESET",
    "#DESIRED",
    "#READY",
    "#STARTING",
    "PROBLEM",
    "!+ID",
];
/// Pools named in a line before "and others".
const NAMES: usize = 3;

/// The table, and a sentence below it.
pub(crate) fn view(readiness: &Readiness) -> View {
    if readiness.presets.is_empty() {
        return View::without_rows(&HEADINGS, NO_POOLS);
    }
    let names = PresetNames::of(readiness.presets.iter().map(|it| &it.preset));
    let mut grid = Grid::new(&HEADINGS);
    for pool in &readiness.presets {
        let is_full = pool.ready >= pool.desired;
        let color = if is_full { Color::Green } else { Color::Yellow };
        grid.row(vec![
            names.cell(&pool.preset),
            plain(pool.desired),
            cell(pool.ready, color),
            plain(pool.starting),
            problem(pool.problem.as_deref()),
            plain(pool.preset.id),
        ]);
    }
    let mut view = View::default();
    view.table(grid);
    let pools = plural(readiness.presets.len(), "pool");
    view.lines(match readiness.missing().count() {
        0 => format!("Full: {pools}.\n"),
        missing => format!("Not full: {missing} of {pools}.\n"),
    });
    if readiness.reconciliation_paused && !readiness.ready {
        view.lines("Reconciliation is paused: no pass fills them.\n");
    }
    view
}

/// `2 of 5 pools not full: acme/web/small 1 of 3 ready, 2 starting; ...`.
pub(crate) fn missing(readiness: &Readiness) -> String {
    let pool = |it: &PoolReadiness| {
        let name = printable(&it.preset.to_string());
        format!(
            "{name} {} of {} ready, {} starting",
            it.ready, it.desired, it.starting
        )
    };
    let missing: Vec<String> = readiness.missing().map(pool).collect();
    let paused = if readiness.reconciliation_paused {
        "; reconciliation is paused"
    } else {
        ""
    };
    let pools = plural(readiness.presets.len(), "pool");
    format!(
        "{} of {pools} not full: {}{paused}",
        missing.len(),
        first_few(&missing, NAMES, "; ")
    )
}

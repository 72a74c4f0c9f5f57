//! The table of `invalidate`: a row for each preset, and what is left to do.

use comfy_table::Color;

use crate::actions::invalidation::report::InvalidateReport;
use crate::model::text::{self, plural};
use crate::model::time;
use crate::render::table::{Grid, number, problem};
use crate::render::{PresetNames, View};

/// The table, with sentences below it.
pub(crate) fn view(report: &InvalidateReport) -> View {
    let names = PresetNames::of(report.presets.iter().map(|entry| &entry.preset));
    let headings = [
        "@PRESET",
        "#INVALIDATED",
        "#REPLACING",
        "#REMAINING",
        "ERROR",
    ];
    let mut grid = Grid::new(&headings);
    for entry in &report.presets {
        grid.row(vec![
            names.cell(&entry.preset),
            number(entry.invalidated, Color::Yellow),
            number(entry.replacing, Color::Yellow),
            number(entry.remaining, Color::Yellow),
            problem(entry.problem.as_deref()),
        ]);
    }
    let mut view = View::default();
    view.table(grid);
    let before = text::time(&report.before);
    view.lines(match (report.replacing, report.remaining) {
        (0, 0) => format!("No prebuilt workspace from before {before} is left.\n"),
        (replacing, 0) => format!(
            "{} from before {before} expired; the next passes replace them.\n",
            plural(replacing, "workspace")
        ),
        (_, remaining) => format!(
            "{} from before {before} remain. Run the command again with --before {} once \
             replacements are ready, or use --wait.\n",
            plural(remaining, "workspace"),
            time::format(&report.before)
        ),
    });
    if report.reconciliation_paused {
        view.lines("Reconciliation is paused: nothing is replaced until it is resumed.\n");
    }
    view
}

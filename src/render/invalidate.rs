//! The table of `invalidate`: a row for each preset, and what is left to do.

use comfy_table::Color;

use crate::actions::invalidation::report::{InvalidateReport, PresetProgress};
use crate::model::text::{self, plural, printable};
use crate::model::time;
use crate::render::table::{Grid, number, problem};
use crate::render::{PresetNames, View};

/// `3 of 5 workspaces still to be replaced: acme/web/small 3; passes and provisioners replace them`.
pub(crate) fn missing(presets: &[PresetProgress], paused: bool) -> String {
    let left = presets.iter().filter(|it| it.left() > 0);
    let names: Vec<String> = left
        .clone()
        .map(|it| format!("{} {}", printable(&it.preset.to_string()), it.left()))
        .collect();
    let workspaces = plural(left.map(PresetProgress::left).sum::<usize>(), "workspace");
    let by = if paused {
        "reconciliation is paused, so that no pass replaces them"
    } else {
        "passes and provisioners replace them"
    };
    format!(
        "{workspaces} still to be replaced: {}; {by}",
        names.join(", ")
    )
}

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
        _ if report.dry_run => format!(
            "Nothing was changed; --yes marks {}, which the next passes replace.\n",
            plural(report.invalidated, "workspace")
        ),
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

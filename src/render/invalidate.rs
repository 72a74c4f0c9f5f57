//! The table of `invalidate`: a row for each preset, and what is left to do.

use comfy_table::Color;

use crate::actions::invalidation::report::InvalidateReport;
use crate::model::text::{self, plural, printable};
use crate::model::time;
use crate::render::table::{Grid, number, plain};
use crate::render::{PresetNames, Show, TableStyle};

impl Show for InvalidateReport {
    fn table(&self, style: TableStyle) -> String {
        let names = PresetNames::of(self.presets.iter().map(|entry| &entry.preset));
        let headings = ["PRESET", "#INVALIDATED", "#REPLACING", "#REMAINING", ""];
        let mut grid = Grid::new(style, &headings);
        for entry in &self.presets {
            grid.row(vec![
                plain(names.name(&entry.preset)),
                number(entry.invalidated, Color::Yellow),
                number(entry.replacing, Color::Yellow),
                number(entry.remaining, Color::Yellow),
                (
                    printable(entry.problem.as_deref().unwrap_or_default()),
                    Some(Color::Red),
                ),
            ]);
        }
        let mut shown = grid.finish();
        let before = text::time(&self.before);
        shown.push_str(&match (self.replacing, self.remaining) {
            (0, 0) => format!("No prebuilt workspace from before {before} is left.\n"),
            (replacing, 0) => format!(
                "{} from before {before} expired; the next passes replace them.\n",
                plural(replacing, "workspace")
            ),
            (_, remaining) => format!(
                "{} from before {before} remain. Run the command again with --before {} once \
                 replacements are ready, or use --wait.\n",
                plural(remaining, "workspace"),
                time::format(&self.before)
            ),
        });
        if self.reconciliation_paused {
            shown.push_str("Reconciliation is paused: nothing is replaced until it is resumed.\n");
        }
        shown
    }
}

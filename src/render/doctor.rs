//! The lines of `doctor`.

use comfy_table::Color;

use crate::actions::health::{Finding, Level};
use crate::model::text::printable;
use crate::render::View;
use crate::render::table::{Grid, cell, plain};

/// A line for each check, its remedy below; with `problems` for those alone that found something.
pub(crate) fn view(findings: &[Finding], problems: bool) -> View {
    let mut grid = Grid::new(&["!CHECK", "LEVEL", "FINDING"]);
    let shown = findings.iter();
    let shown = shown.filter(|finding| !problems || finding.level != Level::Ok);
    for finding in shown {
        let (word, color) = match finding.level {
            Level::Ok => ("ok", Color::Green),
            Level::Warning => ("warning", Color::Yellow),
            Level::Error => ("error", Color::Red),
        };
        let mut text = printable(&finding.message);
        if let Some(remedy) = &finding.remedy {
            text.push_str(&format!("\nto do: {}", printable(remedy)));
        }
        let check = finding.check.replace('_', " ");
        grid.row(vec![plain(check), cell(word, color), plain(text)]);
    }
    let mut view = View::default();
    view.table(grid);
    view
}

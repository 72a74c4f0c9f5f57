//! The lines of `doctor`.

use comfy_table::Color;

use crate::actions::health::{Finding, Level};
use crate::model::text::printable;
use crate::render::TableStyle;
use crate::render::table::{Grid, plain};

/// A line for each check, its remedy below.
pub(crate) fn lines(findings: &[Finding], style: TableStyle) -> String {
    let mut grid = Grid::new(style, &["CHECK", "", "FINDING"]);
    for finding in findings {
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
        grid.row(vec![
            plain(check),
            (word.to_owned(), Some(color)),
            plain(text),
        ]);
    }
    grid.finish()
}

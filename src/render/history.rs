//! The table of `history`.

use comfy_table::Color;

use super::View;
use super::table::{Grid, cell, plain};
use super::workspaces::instant;
use crate::model::history::HistoryEntry;
use crate::model::text::{ago, printable};
use crate::model::{Time, time};

const HEADINGS: [&str; 6] = ["!WHEN", "!EVENT", "@PRESET", "@WHO", "WHAT", "!+TIME"];

/// A row for each entry.
pub(crate) fn view(entries: &[HistoryEntry], now: Time) -> View {
    if entries.is_empty() {
        return View::without_rows(
            &HEADINGS,
            "Nothing happened in this time, as far as is known.\n",
        );
    }
    let mut grid = Grid::new(&HEADINGS);
    for entry in entries {
        let color = match entry.event.as_str() {
            "build_failed" | "hard_limited" | "validation_failed" => Some(Color::Red),
            "pause" | "backing_off" | "below_target" | "no_provisioner" => Some(Color::Yellow),
            "healthy" | "resume" => Some(Color::Green),
            _ => None,
        };
        let or_dash = |text: &str| match text {
            "" => plain("-"),
            text => plain(printable(text)),
        };
        grid.row(vec![
            plain(ago(entry.at, now)).whole(time::format(&entry.at)),
            cell(printable(&entry.event), color),
            or_dash(&entry.subject),
            or_dash(&entry.actor),
            plain(printable(&entry.message.replace('\n', "; "))),
            instant(entry.at),
        ]);
    }
    let mut view = View::default();
    view.table(grid);
    view
}

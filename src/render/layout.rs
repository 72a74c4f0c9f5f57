//! Tables and lists for people: columns in line, or Markdown.
//!
//! On a terminal no line is wider than it, names are cut rather than broken, and sentences are wrapped
//! between words. Elsewhere a row is a line, with everything in it whole.

use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, Row, Table, Width};
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr;

use super::Style;
use super::style::Layout;
use super::table::{Cell, Grid, one_line, plain};
use crate::model::text::escaped;

/// Width of labels with their indentation.
const LABEL: u16 = 14;
/// Longest quotation in bytes that is kept in one line.
const QUOTATION: usize = 40;
/// Below this width headings are short.
const NARROW: u16 = 100;
/// Width of a column of sentences that names leave it.
const SENTENCE: usize = 30;
/// Names are not cut below this width.
const SHORTEST_NAME: usize = 15;

/// A table without lines, its numbers to the right.
pub(super) fn table(grid: &Grid, style: &Style) -> String {
    let mut table = bare(style);
    let narrow = style.width.is_some_and(|width| width < NARROW);
    if style.headers || style.layout == Layout::Markdown {
        let headings = grid.columns.iter();
        table.set_header(headings.map(|it| if narrow { it.short } else { it.heading }));
    }
    let longest = longest_name(grid, style.width);
    for row in grid.rows.iter().chain(&grid.totals) {
        let cells = row.iter().zip(&grid.columns).map(|(cell, column)| {
            let longest = longest.filter(|_| column.is_name);
            finished(cell, longest, style)
        });
        table.add_row(Row::from(cells.collect::<Vec<_>>()));
    }
    for (drawn, column) in table.column_iter_mut().zip(&grid.columns) {
        if style.layout != Layout::Markdown {
            drawn.set_padding((0, 1));
        }
        if column.is_number {
            drawn.set_cell_alignment(CellAlignment::Right);
        }
        let heading = if narrow { column.short } else { column.heading };
        let heading = u16::try_from(heading.len()).unwrap_or(0);
        drawn.set_constraint(if column.is_unbroken || column.is_name {
            ColumnConstraint::ContentWidth
        } else {
            ColumnConstraint::LowerBoundary(Width::Fixed(heading.saturating_add(1)))
        });
    }
    drawn(&table, style)
}

/// Labels, each with a sentence that is wrapped next to it; in Markdown a list.
pub(super) fn labelled(lines: &[(&str, String)], style: &Style) -> String {
    if style.layout == Layout::Markdown {
        let item = |(label, text): &(&str, String)| format!("- {label}: {}\n", markdown(text));
        return lines.iter().map(item).collect();
    }
    let mut table = bare(style);
    for (label, text) in lines {
        let cells = [plain(label), plain(unbroken(text))];
        table.add_row(Row::from(
            cells
                .iter()
                .map(|it| finished(it, None, style))
                .collect::<Vec<_>>(),
        ));
    }
    for (column, padding) in table.column_iter_mut().zip([(2, 0), (0, 0)]) {
        column.set_padding(padding);
    }
    if let Some(labels) = table.column_mut(0) {
        labels.set_constraint(ColumnConstraint::Absolute(Width::Fixed(LABEL)));
    }
    drawn(&table, style).replace('\u{a0}', " ")
}

fn bare(style: &Style) -> Table {
    let mut table = Table::new();
    table.load_style(match style.layout {
        Layout::Markdown => comfy_table::presets::ASCII_MARKDOWN,
        _ => comfy_table::presets::NOTHING,
    });
    match style.width.filter(|_| style.layout != Layout::Markdown) {
        Some(width) => table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    if style.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    table
}

/// The lines of a table without trailing blanks; in Markdown with one below it, since the next text
/// would become part of the table.
fn drawn(table: &Table, style: &Style) -> String {
    let mut text: String = table
        .lines()
        .map(|line| format!("{}\n", line.trim_end()))
        .collect();
    if style.layout == Layout::Markdown {
        text.push('\n');
    }
    text
}

/// A cell with its colour, where colours are wanted.
fn finished(cell: &Cell, longest: Option<usize>, style: &Style) -> comfy_table::Cell {
    if style.layout == Layout::Markdown {
        return comfy_table::Cell::new(markdown(&cell.text));
    }
    let text = match (longest, style.width) {
        (Some(longest), _) => shortened(&cell.text, longest),
        (None, Some(_)) => cell.text.clone(),
        (None, None) => one_line(&cell.text),
    };
    let color = cell.color.filter(|_| style.color && !text.is_empty());
    let finished = comfy_table::Cell::new(text);
    match color {
        Some(color) => finished.fg(color),
        _ => finished,
    }
}

/// How wide a name may be on this terminal: names share what the other columns leave, of which
/// sentences need only so much.
fn longest_name(grid: &Grid, width: Option<u16>) -> Option<usize> {
    let width = usize::from(width?);
    let narrow = width < usize::from(NARROW);
    let mut names = 0;
    let mut rest = 0;
    for (place, column) in grid.columns.iter().enumerate() {
        if column.is_name {
            names += 1;
            continue;
        }
        let heading = if narrow { column.short } else { column.heading };
        let cells = grid.rows.iter().filter_map(|row| row.get(place));
        let widest = cells.flat_map(|cell| cell.text.lines().map(UnicodeWidthStr::width));
        let widest = widest.max().unwrap_or(0);
        let needed = if column.is_unbroken {
            widest
        } else {
            widest.min(SENTENCE)
        };
        rest += needed.max(heading.len()) + 1;
    }
    let share = width.saturating_sub(rest) / names.max(1);
    Some(share.saturating_sub(1).max(SHORTEST_NAME))
}

/// A name cut in the middle, since both of its ends tell it from others.
fn shortened(name: &str, longest: usize) -> String {
    if name.width() <= longest {
        return name.to_owned();
    }
    let graphemes: Vec<&str> = name.graphemes(true).collect();
    let room = longest.saturating_sub(1);
    let tail = taken(graphemes.iter().rev(), room / 2);
    let head = taken(graphemes.iter(), room - room / 2);
    let start: String = graphemes.iter().take(head).copied().collect();
    let end: String = graphemes
        .iter()
        .skip(graphemes.len() - tail)
        .copied()
        .collect();
    format!("{start}…{end}")
}

/// How many of these fit into `room` columns.
fn taken<'a>(graphemes: impl Iterator<Item = &'a &'a str>, room: usize) -> usize {
    let mut left = room;
    graphemes
        .take_while(|text| {
            let fits = text.width() <= left;
            left = left.saturating_sub(text.width());
            fits
        })
        .count()
}

/// Keeps short quotations in one line, so that a schedule can be copied from them.
fn unbroken(text: &str) -> String {
    let parts = text.split('"').enumerate();
    let parts = parts.map(|(n, part)| match n % 2 {
        1 if part.len() <= QUOTATION => part.replace(' ', "\u{a0}"),
        _ => part.to_owned(),
    });
    parts.collect::<Vec<_>>().join("\"")
}

/// The text escaped for Markdown, cells of tables included.
pub(super) fn markdown(text: &str) -> String {
    escaped(text, |c| match c {
        '\n' => Some("<br>".to_owned()),
        _ if "\\`*_{}[]<>|#~&".contains(c) => Some(format!("\\{c}")),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style(width: Option<u16>) -> Style {
        Style {
            layout: Layout::Table,
            width,
            color: false,
            headers: true,
            columns: Vec::new(),
            sort: None,
        }
    }

    #[test]
    fn sentences_break_between_words_and_short_quotations_stay_whole() {
        let text = |text: &str| labelled(&[("label", text.to_owned())], &style(Some(32)));
        assert_eq!(
            text("write down \"* 9 * * *\" for it"),
            "  label       write down\n              \"* 9 * * *\" for it\n"
        );
        let open = text(&format!("\" {}", "word ".repeat(20)));
        assert!(open.lines().all(|line| line.len() <= 32), "{open}");
    }

    #[test]
    fn a_long_name_loses_its_middle_on_a_terminal_only() {
        let mut grid = Grid::new(&["@PRESET", "#READY", "NOTES"]);
        let name = "acme/a-template-with-a-long-name/small";
        let note = "leftovers: 3 failed, 2 stopped\nand a second line";
        grid.row(vec![plain(name), plain(3), plain(note)]);
        let narrow = table(&grid, &style(Some(40)));
        assert!(narrow.lines().all(|line| line.width() <= 40), "{narrow}");
        assert!(narrow.contains("acme/a-…e/small "), "{narrow}");
        assert_eq!(
            table(&grid, &style(None)),
            format!(
                "PRESET{} READY NOTES\n{name}     3 leftovers: 3 failed, 2 stopped; and a second line\n",
                " ".repeat(name.len() - 6)
            )
        );
    }

    #[test]
    fn wide_characters_count_twice() {
        assert_eq!(shortened("東京東京東京", 7), "東…京".to_owned());
    }
}

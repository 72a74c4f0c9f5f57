//! Tables: their style, their cells, and the one way to lay them out.

use std::fmt;

use comfy_table::{
    Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Row, Table, Width,
};

use crate::model::text::{escaped, printable};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableStyle {
    pub width: u16,
    pub color: bool,
    /// Whether to show presets that are out of use.
    pub all: bool,
    /// Whether tables are Markdown, of any width.
    pub markdown: bool,
}

/// Width of labels with their indentation.
const LABEL: u16 = 14;
/// Longest quotation in bytes that is kept in one line.
const QUOTATION: usize = 40;

/// The cells of a row, each with the colour of its text.
pub(super) type Cells = Vec<(String, Option<Color>)>;

/// A table without lines, its numbers aligned to the right and never wrapped.
pub(super) struct Grid {
    table: Table,
    style: TableStyle,
}

impl Grid {
    /// A heading that begins with `#` is over a column of numbers, one that begins with `!` over a
    /// column that is never wrapped either.
    pub(super) fn new(style: TableStyle, headings: &[&str]) -> Self {
        let mut grid = Self::bare(style);
        let table = &mut grid.table;
        table.set_header(
            headings
                .iter()
                .map(|heading| heading.trim_start_matches(['#', '!'])),
        );
        for (column, heading) in table.column_iter_mut().zip(headings) {
            if !style.markdown {
                column.set_padding((0, 1));
            }
            if heading.starts_with('#') {
                column.set_cell_alignment(CellAlignment::Right);
            }
            if heading.starts_with(['#', '!']) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
        grid
    }

    fn bare(style: TableStyle) -> Self {
        let mut table = Table::new();
        if style.markdown {
            table.load_style(comfy_table::presets::ASCII_MARKDOWN);
            table.set_content_arrangement(ContentArrangement::Disabled);
        } else {
            table.load_style(comfy_table::presets::NOTHING);
            table
                .set_content_arrangement(ContentArrangement::Dynamic)
                .set_width(style.width);
        }
        if style.color {
            table.enforce_styling();
        } else {
            table.force_no_tty();
        }
        Self { table, style }
    }

    /// Adds a row; a cell with a colour shows it only where colours are wanted.
    pub(super) fn row(&mut self, cells: Cells) {
        let cell = |(text, color): (String, Option<Color>)| match color {
            _ if self.style.markdown => Cell::new(markdown(&text)),
            Some(color) if self.style.color => Cell::new(text).fg(color),
            _ => Cell::new(text),
        };
        self.table
            .add_row(Row::from(cells.into_iter().map(cell).collect::<Vec<_>>()));
    }

    /// The text of the table, without trailing blanks. The first column names things: it is not
    /// squeezed below three tenths of the width, unless its content is narrower.
    pub(super) fn finish(mut self) -> String {
        if self.style.markdown {
            // Without a blank line the next text would become part of the table.
            return self
                .table
                .lines()
                .map(|line| line + "\n")
                .chain(["\n".to_owned()])
                .collect();
        }
        let widest = self
            .table
            .column_max_content_widths()
            .first()
            .copied()
            .unwrap_or(0);
        let first = widest.saturating_add(1).min(self.style.width * 3 / 10);
        let column = self.table.column_mut(0);
        if let Some(column) = column.filter(|column| column.constraint().is_none()) {
            column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(first)));
        }
        self.table
            .lines()
            .map(|line| format!("{}\n", line.trim_end()))
            .collect()
    }
}

/// Labels, each with a sentence that is wrapped next to it; in Markdown a list.
pub(super) fn labelled(style: TableStyle, lines: &[(&str, String)]) -> String {
    if style.markdown {
        let item = |(label, text): &(&str, String)| format!("- {label}: {}\n", markdown(text));
        return lines.iter().map(item).collect();
    }
    let mut grid = Grid::bare(style);
    for (label, text) in lines {
        grid.row(vec![plain(label), plain(unbroken(text))]);
    }
    for (column, padding) in grid.table.column_iter_mut().zip([(2, 0), (0, 0)]) {
        column.set_padding(padding);
    }
    if let Some(labels) = grid.table.column_mut(0) {
        labels.set_constraint(ColumnConstraint::Absolute(Width::Fixed(LABEL)));
    }
    grid.finish().replace('\u{a0}', " ")
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

pub(super) fn plain(text: impl fmt::Display) -> (String, Option<Color>) {
    (format!("{text}"), None)
}

/// What went wrong, if anything.
pub(super) fn problem(text: Option<&str>) -> (String, Option<Color>) {
    (printable(text.unwrap_or_default()), Some(Color::Red))
}

/// A number that is coloured unless it is 0.
pub(super) fn number(value: impl TryInto<i64>, color: Color) -> (String, Option<Color>) {
    let value = value.try_into().unwrap_or(i64::MAX);
    (value.to_string(), (value != 0).then_some(color))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_break_between_words_and_short_quotations_stay_whole() {
        let style = TableStyle {
            width: 32,
            color: false,
            all: false,
            markdown: false,
        };
        let text = |text: &str| labelled(style, &[("label", text.to_owned())]);
        assert_eq!(
            text("write down \"* 9 * * *\" for it"),
            "  label       write down\n              \"* 9 * * *\" for it\n"
        );
        let open = text(&format!("\" {}", "word ".repeat(20)));
        assert!(open.lines().all(|line| line.len() <= 32), "{open}");
    }
}

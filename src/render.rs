//! Tables and sentences for people, from finished data.
//!
//! Knows nothing of databases or terminals: width and colour are arguments. Whatever comes from a
//! database passes through [`printable`] before it is shown, so that no name can move the cursor,
//! change colours or turn the direction of text.

use std::fmt;

use chrono::TimeDelta;
use comfy_table::{
    Cell, CellAlignment, Color, ColumnConstraint, ContentArrangement, Row, Table, Width,
};

use crate::model::{Diagnostic, PresetReference, Severity, Time};
use crate::output::TableStyle;

pub(crate) mod cleanup;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod invalidate;
pub(crate) mod plan;
pub(crate) mod replacements;
pub(crate) mod report;
pub(crate) mod reset_limit;
pub(crate) mod snapshot;
pub(crate) mod timetable;
pub(crate) mod what_if;

/// The text with everything escaped that a terminal could act on.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if crate::model::document::is_unsafe(c) || c.is_control() {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// `1 workspace`, `2 workspaces`.
pub(crate) fn plural(count: i64, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}

/// The time as a person reads it.
pub(crate) fn time(time: &Time) -> String {
    time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
}

/// A span as a person takes it in: its two largest units, such as `3d 4h`.
pub(crate) fn span(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let units = [
        (seconds / 86400, "d"),
        (seconds / 3600 % 24, "h"),
        (seconds / 60 % 60, "m"),
        (seconds % 60, "s"),
    ];
    let words: Vec<String> = units
        .iter()
        .skip_while(|(count, _)| *count == 0)
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if words.is_empty() {
        return "0s".to_owned();
    }
    words.join(" ")
}

/// How presets are named in a table: as short as is unambiguous about organization and version.
pub(crate) struct PresetNames {
    with_organization: bool,
}

impl PresetNames {
    /// Leaves the organization out when all presets share one.
    pub(crate) fn new<'a>(mut organizations: impl Iterator<Item = &'a str>) -> Self {
        let first = organizations.next();
        Self {
            with_organization: organizations.any(|name| Some(name) != first),
        }
    }

    /// The name of one preset.
    pub(crate) fn name(&self, preset: &PresetReference) -> String {
        let organization = if self.with_organization {
            format!("{}/", preset.organization_name)
        } else {
            String::new()
        };
        let version = if preset.using_active_version {
            String::new()
        } else {
            format!(" ({})", preset.template_version_name)
        };
        let name = format!(
            "{organization}{}/{}{version}",
            preset.template_name, preset.name
        );
        printable(&name)
    }
}

/// The cells of a row, each with the colour of its text.
pub(crate) type Cells = Vec<(String, Option<Color>)>;

/// A table without lines, its numbers aligned to the right and never wrapped.
pub(crate) struct Grid {
    table: Table,
    style: TableStyle,
}

impl Grid {
    /// A heading that begins with `#` is over a column of numbers, one that begins with `!` over a
    /// column that is never wrapped either.
    pub(crate) fn new(style: TableStyle, headings: &[&str]) -> Self {
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
        Self { table, style }
    }

    /// Adds a row; a cell with a colour shows it only where colours are wanted.
    pub(crate) fn row(&mut self, cells: Cells) {
        let cell = |(text, color): (String, Option<Color>)| match color {
            _ if self.style.markdown => Cell::new(markdown(&text)),
            Some(color) if self.style.color => Cell::new(text).fg(color),
            _ => Cell::new(text),
        };
        self.table
            .add_row(Row::from(cells.into_iter().map(cell).collect::<Vec<_>>()));
    }

    /// The text of the table, without trailing blanks. A first column that may be wrapped names things
    /// and is not squeezed below three tenths of the width, unless its content is narrower.
    pub(crate) fn finish(mut self) -> String {
        if self.style.markdown {
            // What follows a table belongs to it, unless a blank line is between them.
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

/// The text as Markdown that shows it as it is, in a cell of a table too.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => escaped.push_str("<br>"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
}

/// Lines below a table; in Markdown each becomes a paragraph of its own.
pub(crate) fn below(style: TableStyle, lines: &str) -> String {
    if !style.markdown {
        return lines.to_owned();
    }
    lines
        .lines()
        .map(|line| format!("{}\n\n", markdown(line)))
        .collect()
}

/// A line above a table or a list.
pub(crate) fn heading(style: TableStyle, text: &str) -> String {
    if style.markdown {
        format!("### {}\n\n", markdown(text))
    } else {
        format!("{text}\n")
    }
}

/// The line of something that is wrong with a preset, whose printable name is given.
pub(crate) fn diagnostic(name: &str, diagnostic: &Diagnostic) -> String {
    let severity = severity(diagnostic);
    let message = printable(&diagnostic.message);
    format!("{severity}: {name}: {message} [{}]\n", diagnostic.code)
}

/// How bad something is, in a word.
pub(crate) fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

/// A cell without colour.
pub(crate) fn plain(text: impl fmt::Display) -> (String, Option<Color>) {
    (format!("{text}"), None)
}

/// A number that is coloured unless it is 0.
pub(crate) fn number(value: i64, color: Color) -> (String, Option<Color>) {
    (value.to_string(), (value != 0).then_some(color))
}

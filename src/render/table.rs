//! Tables as data: their columns, their cells, which of them are asked for and in what order.
//!
//! How they are laid out is decided later, by [`super::layout`] for people and [`super::delimited`] for
//! programs, so that every form has the same rows.

use std::cmp::Ordering;
use std::fmt;

use comfy_table::Color;

use super::Style;
use super::style::Layout;
use crate::error::Failure;
use crate::model::text::{printable, quoted};

/// A cell of a table.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    /// What people see: printable; several lines where it holds line breaks.
    pub(super) text: String,
    pub(super) color: Option<Color>,
    /// What programs get instead.
    whole: Option<String>,
    /// What rows are ordered by instead.
    rank: Option<i64>,
}

impl Cell {
    /// Adds what programs get instead, such as a name that people see shortened.
    pub(super) fn whole(mut self, text: String) -> Self {
        self.whole = Some(text);
        self
    }

    /// Adds what rows are ordered by instead, such as the seconds of a span.
    pub(super) fn rank(mut self, rank: i64) -> Self {
        self.rank = Some(rank);
        self
    }

    /// What programs get: one line.
    pub(super) fn for_programs(&self) -> String {
        one_line(self.whole.as_deref().unwrap_or(&self.text))
    }

    fn compare(&self, other: &Self) -> Ordering {
        let number = |cell: &Self| cell.rank.or_else(|| cell.text.parse().ok());
        match (number(self), number(other)) {
            (Some(one), Some(another)) => one.cmp(&another),
            (one, another) => one
                .is_none()
                .cmp(&another.is_none())
                .then_with(|| self.for_programs().cmp(&other.for_programs())),
        }
    }
}

/// Several lines as one.
pub(super) fn one_line(text: &str) -> String {
    text.replace('\n', "; ")
}

pub(super) fn plain(text: impl fmt::Display) -> Cell {
    cell(text, None)
}

pub(super) fn cell(text: impl fmt::Display, color: impl Into<Option<Color>>) -> Cell {
    Cell {
        text: text.to_string(),
        color: color.into(),
        whole: None,
        rank: None,
    }
}

/// What went wrong, if anything.
pub(super) fn problem(text: Option<&str>) -> Cell {
    let lines = text.unwrap_or_default().lines().map(printable);
    cell(lines.collect::<Vec<_>>().join("\n"), Color::Red)
}

/// A number that is coloured unless it is 0.
pub(super) fn number(value: impl TryInto<i64>, color: Color) -> Cell {
    let value = value.try_into().unwrap_or(i64::MAX);
    cell(value, (value != 0).then_some(color))
}

/// A column, as its heading says: `@` names something, and is cut where it is too long; `#` holds
/// numbers, to the right and never wrapped; `!` is never wrapped either; `+` is left out of a narrow
/// table; and `LONG|SHORT` has a shorter word for a small terminal.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) heading: &'static str,
    pub(super) short: &'static str,
    pub(super) is_name: bool,
    pub(super) is_number: bool,
    pub(super) is_unbroken: bool,
    is_wide: bool,
}

impl Column {
    fn read(text: &'static str) -> Self {
        let words = text.trim_start_matches(['@', '#', '!', '+']);
        let marks = text.strip_suffix(words).unwrap_or_default();
        let (heading, short) = words.split_once('|').unwrap_or((words, words));
        Self {
            heading,
            short,
            is_name: marks.contains('@'),
            is_number: marks.contains('#'),
            is_unbroken: marks.contains(['#', '!']),
            is_wide: marks.contains('+'),
        }
    }

    /// The heading as programs and `--columns` have it.
    pub(super) fn key(&self) -> String {
        self.heading.to_lowercase().replace(' ', "_")
    }

    fn is(&self, asked: &str) -> bool {
        self.key() == asked.trim().to_lowercase().replace(' ', "_")
    }
}

/// A table: columns, rows, and perhaps totals, which are no row.
#[derive(Clone, Debug)]
pub(super) struct Grid {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    pub(super) totals: Option<Vec<Cell>>,
    /// What the whole table is about, where a result has a table for each: a column for programs.
    subject: Option<(Column, Cell)>,
}

impl Grid {
    /// See [`Column`] for the marks of headings.
    pub(super) fn new(headings: &[&'static str]) -> Self {
        Self {
            columns: headings.iter().map(|text| Column::read(text)).collect(),
            rows: Vec::new(),
            totals: None,
            subject: None,
        }
    }

    /// A table that is about one thing, which its title says to people.
    pub(super) fn of(subject: &'static str, name: String, headings: &[&'static str]) -> Self {
        Self {
            subject: Some((Column::read(subject), plain(name))),
            ..Self::new(headings)
        }
    }

    pub(super) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// The rows and columns that `style` asks for, in its order. None: it asks for none of these columns.
    pub(super) fn selected(mut self, style: &Style) -> Option<Self> {
        if style.is_for_programs() {
            if let Some((column, cell)) = self.subject.take() {
                self.columns.insert(0, column);
                for row in &mut self.rows {
                    row.insert(0, cell.clone());
                }
            }
            self.totals = None;
        }
        if let Some(sort) = &style.sort {
            let (backwards, name) = sort
                .strip_prefix('-')
                .map_or((false, sort.as_str()), |name| (true, name));
            if let Some(index) = self.columns.iter().position(|column| column.is(name)) {
                self.rows.sort_by(|one, another| {
                    let order = match (one.get(index), another.get(index)) {
                        (Some(one), Some(another)) => one.compare(another),
                        _ => Ordering::Equal,
                    };
                    if backwards { order.reverse() } else { order }
                });
            }
        }
        let shown: Vec<usize> = if style.layout == Layout::Name {
            vec![0]
        } else if style.columns.is_empty() {
            let all = style.layout != Layout::Table && style.layout != Layout::Markdown;
            let columns = self.columns.iter().enumerate();
            let columns = columns.filter(|(_, column)| all || !column.is_wide);
            columns.map(|(index, _)| index).collect()
        } else {
            let asked = style.columns.iter();
            let places = asked.filter_map(|name| self.columns.iter().position(|it| it.is(name)));
            places.collect()
        };
        let pick = |row: &Vec<Cell>| {
            shown
                .iter()
                .filter_map(|&place| row.get(place).cloned())
                .collect()
        };
        self.rows = self.rows.iter().map(pick).collect();
        self.totals = self.totals.as_ref().map(pick);
        let columns = shown
            .iter()
            .filter_map(|&place| self.columns.get(place).copied());
        self.columns = columns.collect();
        (!self.columns.is_empty()).then_some(self)
    }

    fn has(&self, asked: &str) -> bool {
        let subject = self.subject.iter().map(|(column, _)| column);
        subject.chain(&self.columns).any(|column| column.is(asked))
    }
}

/// Refuses columns that none of the tables has.
pub(super) fn check_columns(tables: &[&Grid], style: &Style) -> Result<(), Failure> {
    let sort = style
        .sort
        .as_deref()
        .map(|sort| ("--sort", sort.trim_start_matches('-')));
    let columns = style
        .columns
        .iter()
        .map(|name| ("--columns", name.as_str()));
    for (flag, name) in columns.chain(sort) {
        if !tables.iter().any(|table| table.has(name)) {
            let known = tables.iter().flat_map(|table| &table.columns);
            let mut known: Vec<String> = known.map(Column::key).collect();
            known.dedup();
            return Err(Failure::usage(format!(
                "{flag}: this table has no column {name:?}; it has {}",
                quoted(known)
            )));
        }
    }
    Ok(())
}

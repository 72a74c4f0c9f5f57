//! A result as people look at it: tables, and sentences above and below them.
//!
//! A view is data. Programs get its tables alone, and the sentences apart from them, so that nothing
//! but rows reaches what reads the table.

use super::layout::{labelled, markdown, table};
use super::style::Layout;
use super::table::{Grid, check_columns};
use super::{Style, delimited};
use crate::error::Failure;

/// Tables and sentences in the order in which they are shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    parts: Vec<Part>,
    warnings: Vec<String>,
}

#[derive(Clone, Debug)]
enum Part {
    Heading(String),
    Table(Grid),
    /// A table that only programs get: people have a sentence for it.
    Record(Grid),
    Labelled(Vec<(&'static str, String)>),
    /// Sentences, each a line.
    Lines(String),
    /// Text to be copied, of a language, which Markdown alone shows.
    Code(&'static str, String),
    /// A blank line between two tables.
    Gap,
}

/// What is printed.
#[derive(Debug, Default)]
pub(crate) struct Shown {
    /// For standard output.
    pub(crate) data: String,
    /// Sentences that are not part of the data, each a line.
    pub(crate) remarks: String,
    /// What is wrong with what the data is about, a line each.
    pub(crate) warnings: Vec<String>,
}

impl View {
    /// Nothing but sentences, each a line.
    pub(crate) fn of(lines: impl Into<String>) -> Self {
        let mut view = Self::default();
        view.lines(lines);
        view
    }

    /// A sentence in place of a table without rows.
    pub(super) fn without_rows(headings: &[&'static str], lines: impl Into<String>) -> Self {
        let mut view = Self::of(lines);
        view.table(Grid::new(headings));
        view
    }

    /// The line above a table or a list.
    pub(super) fn heading(&mut self, text: String) {
        self.parts.push(Part::Heading(text));
    }

    pub(super) fn table(&mut self, grid: Grid) {
        self.parts.push(Part::Table(grid));
    }

    /// Adds a table that only programs get: people have a sentence for it.
    pub(super) fn record(&mut self, grid: Grid) {
        self.parts.push(Part::Record(grid));
    }

    /// Labels, each with a sentence.
    pub(super) fn labelled(&mut self, lines: Vec<(&'static str, String)>) {
        self.parts.push(Part::Labelled(lines));
    }

    /// Adds sentences, each a line.
    pub(crate) fn lines(&mut self, lines: impl Into<String>) {
        self.parts.push(Part::Lines(lines.into()));
    }

    /// Adds text to be copied, which Markdown alone shows: others have flags for it.
    pub(super) fn code(&mut self, language: &'static str, text: String) {
        self.parts.push(Part::Code(language, text));
    }

    /// Adds lines on what is wrong with what the data is about: said apart from the data, but for the
    /// pages of a reader who sees nothing else.
    pub(crate) fn warn(&mut self, lines: impl IntoIterator<Item = String>) {
        self.warnings.extend(lines);
    }

    pub(super) fn gap(&mut self) {
        self.parts.push(Part::Gap);
    }

    pub(super) fn append(&mut self, other: Self) {
        self.parts.extend(other.parts);
        self.warnings.extend(other.warnings);
    }

    /// Looks whether what the style asks for is there.
    ///
    /// # Errors
    /// A usage error where no table has a column that is asked for.
    pub(crate) fn check(&self, style: &Style) -> Result<(), Failure> {
        let tables = self.parts.iter().filter_map(|part| match part {
            Part::Table(grid) | Part::Record(grid) => Some(grid),
            _ => None,
        });
        let tables: Vec<&Grid> = tables.collect();
        if tables.is_empty() {
            return Ok(());
        }
        check_columns(&tables, style)
    }

    /// Lays everything out.
    ///
    /// # Errors
    /// Those of [`Self::check`].
    pub(crate) fn show(self, style: &Style) -> Result<Shown, Failure> {
        self.check(style)?;
        if style.is_for_programs() {
            return Ok(self.for_programs(style));
        }
        let mut warnings = self.warnings;
        let mut data = String::new();
        for part in self.parts {
            data.push_str(&match part {
                Part::Heading(text) if style.layout == Layout::Markdown => {
                    format!("### {}\n\n", markdown(&text))
                }
                Part::Heading(text) => format!("{text}\n"),
                Part::Record(_) => String::new(),
                Part::Table(grid) if grid.rows.is_empty() && grid.totals.is_none() => String::new(),
                Part::Table(grid) => grid
                    .selected(style)
                    .map_or_else(String::new, |grid| table(&grid, style)),
                Part::Labelled(lines) => labelled(&lines, style),
                Part::Lines(lines) if style.layout == Layout::Markdown => {
                    let paragraph = |line: &str| format!("{}\n\n", markdown(line));
                    lines.lines().map(paragraph).collect()
                }
                Part::Lines(lines) => lines,
                Part::Code(language, text) if style.layout == Layout::Markdown => {
                    format!("```{language}\n{text}```\n\n")
                }
                Part::Code(..) => String::new(),
                Part::Gap => "\n".to_owned(),
            });
        }
        if style.layout == Layout::Markdown {
            let lines = warnings.drain(..);
            data.extend(lines.map(|line| format!("Warning: {}\n\n", markdown(&line))));
        }
        Ok(Shown {
            data,
            remarks: String::new(),
            warnings,
        })
    }

    fn for_programs(self, style: &Style) -> Shown {
        let mut shown = Shown {
            warnings: self.warnings,
            ..Shown::default()
        };
        let mut headers: Option<Vec<String>> = None;
        for part in self.parts {
            match part {
                Part::Table(grid) | Part::Record(grid) => {
                    let Some(grid) = grid.selected(style) else {
                        continue;
                    };
                    let keys: Vec<String> = grid.columns.iter().map(|it| it.key()).collect();
                    // A second table continues the first one, or is another one, which stays out.
                    let continues = headers.as_ref().is_none_or(|known| *known == keys);
                    if !continues {
                        continue;
                    }
                    let with_headers = headers.is_none() && style.headers;
                    shown
                        .data
                        .push_str(&delimited::table(&grid, style.layout, with_headers));
                    headers = Some(keys);
                }
                Part::Lines(lines) => shown.remarks.push_str(&lines),
                Part::Labelled(lines) => {
                    let line = |(label, text): (&str, String)| format!("{label}: {text}\n");
                    shown.remarks.extend(lines.into_iter().map(line));
                }
                Part::Heading(_) | Part::Code(..) | Part::Gap => {}
            }
        }
        shown
    }
}

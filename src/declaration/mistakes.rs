//! Mistakes in a TOML file that people write, and where they are.
//!
//! Turns byte offsets into lines and columns. Knows no rule of the format. The list is in the order
//! of the file, and no character of the file reaches a message unescaped that could act on a
//! terminal.

use std::collections::BTreeMap;
use std::fmt;

use thiserror::Error;
use toml::Spanned;

use crate::model::text::printable;

/// Everything that is wrong with a file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) struct DeclarationError {
    /// The mistakes in the order of the file; never empty.
    pub mistakes: Vec<Mistake>,
    /// What is said of those that are not among them.
    pub others: Option<String>,
}

#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("line {line}, column {column}: {message}")]
pub(crate) struct Mistake {
    /// Line in the file, counted from 1.
    pub line: usize,
    /// Character in the line, counted from 1.
    pub column: usize,
    pub message: String,
}

impl fmt::Display for DeclarationError {
    /// A line for each mistake, and one for the others.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines = self.mistakes.iter().map(ToString::to_string);
        let lines: Vec<String> = lines.chain(self.others.clone()).collect();
        f.write_str(&lines.join("\n"))
    }
}

/// Collects the mistakes of one file.
pub(crate) struct Mistakes<'a> {
    text: &'a str,
    /// Byte offsets and messages.
    found: Vec<(usize, String)>,
    others: Option<String>,
}

/// A place in the file.
pub(crate) struct Place<'m> {
    offset: usize,
    found: &'m mut Vec<(usize, String)>,
}

impl Place<'_> {
    pub(crate) fn add(self, message: impl Into<String>) {
        self.found.push((self.offset, message.into()));
    }
}

/// Where names of one scope stand first, as byte offsets.
pub(super) type Seen = BTreeMap<String, usize>;

impl<'a> Mistakes<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            text,
            found: Vec::new(),
            others: None,
        }
    }

    /// The place of a value, to note a mistake there.
    pub(crate) fn at<T>(&mut self, value: &Spanned<T>) -> Place<'_> {
        Place {
            offset: value.span().start,
            found: &mut self.found,
        }
    }

    /// Notes the reason why the text could not be read at all.
    pub(crate) fn add_toml(&mut self, error: &toml::de::Error) {
        let offset = error.span().map_or(0, |span| span.start);
        let message = printable(&error.message().replace('\n', "; "));
        self.found.push((offset, message));
    }

    /// Notes a name that stands a second time in its scope. Names of one `key` are the same.
    pub(super) fn add_if_seen(
        &mut self,
        seen: &mut Seen,
        key: String,
        name: &Spanned<String>,
        what: &str,
    ) {
        let start = name.span().start;
        let first = *seen.entry(key).or_insert(start);
        if first != start {
            let (line, _) = self.position(first);
            self.at(name).add(format!(
                "{what} {:?} is already in line {line}; change or remove one of them",
                name.get_ref()
            ));
        }
    }

    /// The line, from 1, that a value stands in.
    pub(crate) fn line<T>(&self, value: &Spanned<T>) -> usize {
        self.position(value.span().start).0
    }

    /// Keeps those that stand first in the file, and says of the others that there are so many.
    pub(super) fn keep_first(&mut self, most: usize, say: impl FnOnce(usize) -> String) {
        self.sort();
        if let Some(others) = self.found.len().checked_sub(most).filter(|it| *it > 0) {
            self.found.truncate(most);
            self.others = Some(say(others));
        }
    }

    /// Stable, so that mistakes about one value stay in the order of the checks.
    fn sort(&mut self) {
        self.found.sort_by_key(|(offset, _)| *offset);
    }

    /// Hands the value on if there was no mistake.
    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, DeclarationError> {
        if self.found.is_empty() {
            return Ok(value);
        }
        self.sort();
        let mistake = |(offset, message): &(usize, String)| {
            let (line, column) = self.position(*offset);
            Mistake {
                line,
                column,
                message: message.clone(),
            }
        };
        let mistakes = self.found.iter().map(mistake).collect();
        Err(DeclarationError {
            mistakes,
            others: self.others,
        })
    }

    /// Line and column, both from 1. A byte order mark is invisible in an editor and counts as
    /// nothing.
    fn position(&self, offset: usize) -> (usize, usize) {
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        let line = before.matches('\n').count() + 1;
        let begun = before.rsplit('\n').next().unwrap_or_default();
        (line, begun.chars().count() + 1)
    }
}

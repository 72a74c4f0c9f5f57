//! Mistakes in a declaration and where they are.
//!
//! Turns byte offsets into lines and columns for people. Knows no rule of the format. The list
//! is in the order of the file, and no character of the file reaches a message unescaped that
//! could act on a terminal.

use std::{collections::BTreeMap, error::Error, fmt, ops::Range};

use toml::Spanned;

use crate::model::text::printable;

/// Everything that is wrong with a declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DeclarationError {
    /// The mistakes in the order of the file; never empty.
    pub mistakes: Vec<Mistake>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mistake {
    /// Line in the file, counted from 1.
    pub line: usize,
    /// Character in the line, counted from 1.
    pub column: usize,
    /// What is wrong and what to do.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.message
        )
    }
}

impl fmt::Display for DeclarationError {
    /// A line for each mistake.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.mistakes.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{mistake}")?;
        }
        Ok(())
    }
}

impl Error for DeclarationError {}

/// Collects the mistakes of one file.
pub(super) struct Mistakes<'a> {
    text: &'a str,
    found: Vec<(usize, String)>,
}

impl<'a> Mistakes<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            text,
            found: Vec::new(),
        }
    }

    /// Notes a mistake at a place, given in bytes.
    pub(super) fn add(&mut self, at: Range<usize>, message: impl Into<String>) {
        self.found.push((at.start, message.into()));
    }

    /// Notes the reason why the text could not be read at all.
    pub(super) fn add_toml(&mut self, error: &toml::de::Error) {
        let offset = error.span().map_or(0, |span| span.start);
        self.found
            .push((offset, printable(&error.message().replace('\n', "; "))));
    }

    /// Notes a name that has been seen before, by `key`, in the same scope.
    pub(super) fn add_if_seen(
        &mut self,
        seen: &mut BTreeMap<String, usize>,
        key: String,
        at: &Spanned<String>,
        what: &str,
    ) {
        let start = at.span().start;
        let first = *seen.entry(key).or_insert(start);
        if first != start {
            let line = self.position(first).0;
            let name = at.get_ref();
            self.add(
                at.span(),
                format!("{what} {name:?} is already in line {line}; change or remove one of them"),
            );
        }
    }

    /// The line, from 1, that a value stands in.
    pub(super) fn line(&self, at: Range<usize>) -> usize {
        self.position(at.start).0
    }

    /// Hands the value on if there was no mistake.
    pub(super) fn finish<T>(mut self, value: T) -> Result<T, DeclarationError> {
        if self.found.is_empty() {
            return Ok(value);
        }
        // Stable, so that mistakes about one value stay in the order of the checks.
        self.found.sort_by_key(|(offset, _)| *offset);
        let found = std::mem::take(&mut self.found);
        let mistake = |(offset, message)| {
            let (line, column) = self.position(offset);
            Mistake {
                line,
                column,
                message,
            }
        };
        Err(DeclarationError {
            mistakes: found.into_iter().map(mistake).collect(),
        })
    }

    fn position(&self, offset: usize) -> (usize, usize) {
        let (mut line, mut column) = (1, 1);
        for (index, character) in self.text.char_indices() {
            if index >= offset {
                break;
            }
            match character {
                '\n' => (line, column) = (line + 1, 1),
                // A byte order mark is invisible in an editor.
                '\u{feff}' if index == 0 => {}
                _ => column += 1,
            }
        }
        (line, column)
    }
}

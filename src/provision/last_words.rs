//! The error of a build, found in what its command has printed.
//!
//! Programs print their errors for terminals: in colours, in boxes, over several lines, some on standard output, and
//! often with other lines after them. Memory stays bounded: of the output only its end is kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use anstream::adapter::strip_str;

use crate::store::LogLevel;

/// Lines of the end of each stream that are looked at.
const LINES: usize = 300;

/// Characters of a line that are kept.
const LINE_LENGTH: usize = 500;

/// Most lines of an error.
const ERROR_LINES: usize = 8;

/// Lines of the end that stand for an error where none is found.
const LAST_LINES: usize = 3;

/// The ends of a command's two streams. Neither pushes out what the other has said.
#[derive(Clone, Debug, Default)]
pub(super) struct LastWords(Arc<Mutex<Ends>>);

#[derive(Debug, Default)]
struct Ends {
    errors: VecDeque<String>,
    others: VecDeque<String>,
}

impl LastWords {
    /// Adds a line.
    pub(super) fn push(&self, level: LogLevel, line: &str) {
        let mut ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lines = match level {
            LogLevel::Error => &mut ends.errors,
            LogLevel::Info | LogLevel::Warn => &mut ends.others,
        };
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line.chars().take(LINE_LENGTH).collect());
    }

    /// The error that the output tells, if any: lines without blanks around them.
    pub(super) fn error(&self) -> Option<String> {
        let ends = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let [errors, others] = [&ends.errors, &ends.others]
            .map(|lines| lines.iter().map(|line| bare(line)).collect::<Vec<_>>());
        // Programs that print errors where they print everything else are the exception.
        let found = block(&errors).or_else(|| block(&others));
        found
            .or_else(|| last(&errors))
            .or_else(|| last(&others))
            .map(|lines| lines.join("\n"))
    }
}

/// The line without colours, the sides of boxes and blanks around it.
fn bare(line: &str) -> String {
    // A NUL stands for a fault of the program, and is shown as one.
    let line = strip_str(&line.replace('\0', "\u{fffd}")).to_string();
    let is_frame = |c: char| c.is_whitespace() || ('\u{2500}'..='\u{257f}').contains(&c);
    line.trim_matches(is_frame).to_owned()
}

/// The first block that begins as errors do, with the lines up to the next one.
fn block(lines: &[String]) -> Option<Vec<&str>> {
    let begins = |line: &&String| {
        let start = line.get(..6).unwrap_or(line).to_lowercase();
        start.starts_with("error") || start.starts_with("fatal:")
    };
    let mut block = lines.iter().skip_while(|line| !begins(line));
    let first = block.next()?;
    let rest = block.take_while(|line| !begins(line));
    let rest = rest.filter(|line| !line.is_empty()).map(String::as_str);
    let lines = [first.as_str()].into_iter().chain(rest);
    Some(lines.take(ERROR_LINES).collect())
}

/// The last lines that say something.
fn last(lines: &[String]) -> Option<Vec<&str>> {
    let says_something = |line: &&str| line.chars().any(char::is_alphanumeric);
    let lines = lines.iter().rev().map(String::as_str);
    let mut lines: Vec<&str> = lines.filter(says_something).take(LAST_LINES).collect();
    lines.reverse();
    (!lines.is_empty()).then_some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(lines: &[(LogLevel, &str)]) -> Option<String> {
        let words = LastWords::default();
        for (level, line) in lines {
            words.push(*level, line);
        }
        words.error()
    }

    fn of_errors(text: &str) -> Option<String> {
        let lines: Vec<_> = text.lines().map(|line| (LogLevel::Error, line)).collect();
        error(&lines)
    }

    #[test]
    fn an_error_in_a_box_is_found_with_its_lines() {
        let text = "\u{1b}[31m╷\u{1b}[0m\u{1b}[0m\n\
            \u{1b}[31m│\u{1b}[0m \u{1b}[1m\u{1b}[31mError: \u{1b}[0mInvalid reference\n\
            \u{1b}[31m│\u{1b}[0m \n\
            │   on main.tf line 3, in resource \"x\" \"y\":\n\
            │    3:   image = nonsense\n\
            │ \n\
            │ A reference to a resource type must be followed by a name.\n\
            ╵\n\
            cleaning up";
        assert_eq!(
            of_errors(text).as_deref(),
            Some(
                "Error: Invalid reference\n\
                 on main.tf line 3, in resource \"x\" \"y\":\n\
                 3:   image = nonsense\n\
                 A reference to a resource type must be followed by a name.\n\
                 cleaning up"
            )
        );
    }

    #[test]
    fn an_error_on_standard_output_is_found_where_standard_error_has_none() {
        use LogLevel::{Error, Info};
        let found = error(&[
            (Info, "pulling"),
            (Info, "fatal: repository not found"),
            (Error, "+ exit 1"),
        ]);
        assert_eq!(found.as_deref(), Some("fatal: repository not found"));
        let found = error(&[(Info, "error: one"), (Error, "ERROR: two"), (Error, "---")]);
        assert_eq!(found.as_deref(), Some("ERROR: two\n---"));
    }

    #[test]
    fn without_an_error_the_last_lines_that_say_something_stand() {
        use LogLevel::{Error, Info};
        let found = of_errors("a\nb\nc\nd\n----\n\n");
        assert_eq!(found.as_deref(), Some("b\nc\nd"));
        let found = error(&[(Info, "no such image"), (Error, "═══")]);
        assert_eq!(found.as_deref(), Some("no such image"));
        assert_eq!(error(&[(Info, ""), (Error, "!")]), None);
    }

    #[test]
    fn only_the_end_of_each_stream_is_kept() {
        let words = LastWords::default();
        words.push(LogLevel::Error, "error: early");
        for number in 0..=LINES {
            words.push(LogLevel::Info, &format!("{number}{}", "x".repeat(1000)));
        }
        let ends = words.0.lock().unwrap();
        assert_eq!((ends.errors.len(), ends.others.len()), (1, LINES));
        assert!(ends.others.iter().all(|line| line.len() <= LINE_LENGTH));
    }
}

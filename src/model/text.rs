//! Words for people: numbers with their nouns, times, spans, and texts made safe to show.
//!
//! Whatever comes from a database, a file or the command line passes through [`printable`] before it
//! is shown, so that no name can move the cursor, change colours or turn the direction of text.

use std::fmt;

use anstream::adapter::strip_str;
use chrono::TimeDelta;

use super::Time;

/// The text with everything escaped that a terminal could act on.
pub(crate) fn printable(text: &str) -> String {
    escaped(text, |c| {
        (is_unsafe(c) || c.is_control()).then(|| c.escape_default().to_string())
    })
}

/// The text with each character replaced that `escape` has a text for.
pub(crate) fn escaped(text: &str, escape: impl Fn(char) -> Option<String>) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match escape(c) {
            Some(text) => safe.push_str(&text),
            None => safe.push(c),
        }
    }
    safe
}

/// A length as the signed number that documents and databases count in.
pub(crate) fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

/// `1 workspace`, `2 workspaces`.
pub(crate) fn plural(number: impl TryInto<i64>, noun: &str) -> String {
    counted(number, noun, &format!("{noun}s"))
}

/// The number, then what is said of one or of many: `1 dies`, `2 die`.
pub(crate) fn counted(number: impl TryInto<i64>, one: &str, many: &str) -> String {
    let number = number.try_into().unwrap_or(i64::MAX);
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The first few of the texts, `a, b, c and 3 more`.
pub(crate) fn first_few(texts: &[String], most: usize, separator: &str) -> String {
    let first: Vec<&str> = texts.iter().take(most).map(String::as_str).collect();
    match texts.len().saturating_sub(most) {
        0 => first.join(separator),
        more => format!("{} and {more} more", first.join(separator)),
    }
}

/// The texts in quotes, with everything escaped that a terminal could act on; or `none`.
pub(crate) fn quoted<T: fmt::Debug>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| format!("{text:?}")).collect();
    if texts.is_empty() {
        "none".to_owned()
    } else {
        texts.join(", ")
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

/// A time in relation to now: `3d 4h ago`, `in 5m`, or `now`.
pub(crate) fn ago(time: Time, now: Time) -> String {
    let age = now.signed_duration_since(time);
    match age.num_seconds() {
        0 => "now".to_owned(),
        1.. => format!("{} ago", span(age)),
        _ => format!("in {}", span(-age)),
    }
}

/// A line that a program has printed, as a terminal would leave it and without what it would act on: no
/// colours, of a line that was written over the last state, tabs as blanks.
pub(crate) fn plain_line(line: &str) -> String {
    let plain = strip_str(line).to_string();
    let plain = plain.trim_end();
    let last = plain.rsplit('\r').next().unwrap_or_default();
    printable(&last.replace('\t', "    "))
}

/// The environment variable of a parameter in a build by a command. Different names may share one.
pub(crate) fn parameter_variable(name: &str) -> String {
    let letter = |letter: char| match letter.to_ascii_uppercase() {
        letter if letter.is_ascii_alphanumeric() => letter,
        _ => '_',
    };
    let name: String = name.chars().map(letter).collect();
    format!("PREBUILDCTL_PARAMETER_{name}")
}

/// Whether a character must not reach a terminal as it is: DEL, the C1 controls, line and
/// paragraph separators, byte order marks and everything that steers the direction of text.
/// (JSON itself escapes the C0 controls.)
pub(crate) fn is_unsafe(c: char) -> bool {
    matches!(
        c,
        '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

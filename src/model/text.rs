//! Words for people: numbers with their nouns, times, spans, and texts made safe to show.
//!
//! Whatever comes from a database, a file or the command line passes through [`printable`] before it
//! is shown, so that no name can move the cursor, change colours or turn the direction of text.

use std::fmt;

use chrono::TimeDelta;

use super::Time;

/// The text with everything escaped that a terminal could act on.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) || c.is_control() {
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

/// The texts in quotes, with everything escaped that a terminal could act on.
pub(crate) fn quoted<T: fmt::Debug>(texts: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = texts.into_iter().map(|text| format!("{text:?}")).collect();
    texts.join(", ")
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

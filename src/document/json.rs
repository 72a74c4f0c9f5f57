//! Writes values as JSON text that is safe on a terminal.
//!
//! JSON leaves most control characters of Unicode as they are; names in databases may hold them.
//! Everything that a terminal could act on or that turns the direction of text is written as a
//! `\uXXXX` escape, which every reader of JSON turns back.

use std::fmt::Write as _;

use serde::Serialize;

/// The value as indented JSON, ending in a newline.
pub fn to_json<T: Serialize>(value: &T) -> String {
    finish(serde_json::to_string_pretty(value))
}

/// The value as JSON on one line, ending in a newline.
pub fn to_json_line<T: Serialize>(value: &T) -> String {
    finish(serde_json::to_string(value))
}

/// Outside its strings JSON is ASCII without DEL, so escaping in the finished text touches
/// nothing but strings.
fn finish(json: Result<String, serde_json::Error>) -> String {
    // Only a map with keys that are no text can fail, which no document holds. Should one ever,
    // its reader sees an object of a shape that nothing accepts, rather than half of a document.
    let json = json.unwrap_or_else(|error| {
        serde_json::json!({ "cannot_be_written": error.to_string() }).to_string()
    });
    let mut safe = String::with_capacity(json.len() + 1);
    let mut rest = json.as_str();
    while let Some((at, found)) = rest.char_indices().find(|(_, c)| is_unsafe(*c)) {
        let (before, after) = rest.split_at(at);
        safe.push_str(before);
        // Writing into a string can't fail.
        let _ = write!(safe, "\\u{:04x}", u32::from(found));
        rest = after.strip_prefix(found).unwrap_or_default();
    }
    safe.push_str(rest);
    safe.push('\n');
    safe
}

/// Whether a character must not reach a terminal as it is: DEL, the C1 controls, line and
/// paragraph separators, byte order marks and everything that steers the direction of text.
/// (JSON itself escapes the C0 controls.)
pub fn is_unsafe(c: char) -> bool {
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

//! Writes values as JSON text that is safe on a terminal.
//!
//! JSON leaves most control characters of Unicode as they are; names in databases may hold them.
//! Everything that a terminal could act on or that turns the direction of text is written as a
//! `\uXXXX` escape, which every reader of JSON turns back.

use std::io::{self, Write};

use serde::Serialize;

use crate::model::text::{escaped, is_unsafe};

/// The value as indented JSON, ending in a newline.
pub(crate) fn to_json<T: Serialize>(value: &T) -> String {
    text(|to| serde_json::to_writer_pretty(to, value))
}

/// The value as JSON on one line, ending in a newline.
pub(crate) fn to_json_line<T: Serialize>(value: &T) -> String {
    text(|to| serde_json::to_writer(to, value))
}

/// Writes the value as JSON, on one line or indented, ending in a newline. There never is all of the text at
/// once.
pub(crate) fn write_json<T: Serialize>(
    value: &T,
    in_a_line: bool,
    to: &mut impl Write,
) -> io::Result<()> {
    let escaping = Escaping(&mut *to);
    if in_a_line {
        serde_json::to_writer(escaping, value)?;
    } else {
        serde_json::to_writer_pretty(escaping, value)?;
    }
    to.write_all(b"\n")
}

fn text(write: impl FnOnce(Escaping<&mut Vec<u8>>) -> serde_json::Result<()>) -> String {
    let mut json = Vec::new();
    if let Err(error) = write(Escaping(&mut json)) {
        // Only a map with keys that are no text can fail, which no document holds. Should one ever,
        // its reader sees an object of a shape that nothing accepts, rather than half of a document.
        let error = serde_json::json!({ "cannot_be_written": error.to_string() });
        json = error.to_string().into_bytes();
    }
    json.push(b'\n');
    String::from_utf8(json).unwrap_or_default()
}

/// Escapes what a terminal could act on. JSON comes in whole pieces of its strings, and outside them
/// is ASCII without DEL, so that this touches nothing but strings.
struct Escaping<W>(W);

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        // True of most pieces, and cheap to see.
        if piece.iter().fold(0, |most, byte| most.max(*byte)) < 0x7f {
            self.0.write_all(piece)?;
        } else {
            let text = str::from_utf8(piece).map_err(io::Error::other)?;
            let escape = |c| is_unsafe(c).then(|| format!("\\u{:04x}", u32::from(c)));
            self.0.write_all(escaped(text, escape).as_bytes())?;
        }
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn characters_that_act_on_a_terminal_are_escaped_in_values_and_keys() {
        let value =
            serde_json::json!({ "a\u{9b}31m": "\u{1b}[2J\u{7f}\u{202e}\u{feff}é\u{2028}x" });
        assert_eq!(
            to_json_line(&value),
            "{\"a\\u009b31m\":\"\\u001b[2J\\u007f\\u202e\\ufeffé\\u2028x\"}\n"
        );
    }

    #[test]
    fn json_is_indented_and_ends_in_one_newline() {
        assert_eq!(
            to_json(&serde_json::json!({ "a": [1] })),
            "{\n  \"a\": [\n    1\n  ]\n}\n"
        );
        assert_eq!(to_json_line(&serde_json::json!([])), "[]\n");
    }

    #[test]
    fn quoting_for_messages_escapes_the_same_characters() {
        for c in ('\0'..='\u{ffff}').filter(|c| is_unsafe(*c) || c.is_control()) {
            assert!(!format!("{c:?}").contains(c), "{:x}", u32::from(c));
        }
    }

    #[test]
    fn what_cannot_be_json_is_no_document() {
        let map = std::collections::BTreeMap::from([((1, 2), 3)]);
        assert_eq!(
            to_json_line(&map),
            "{\"cannot_be_written\":\"key must be a string\"}\n"
        );
    }

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_was(
            text in "[\u{0}-\u{ff}\u{2000}-\u{206f}\u{feff}\"\\\\😀]*",
        ) {
            for json in [to_json(&text), to_json_line(&text)] {
                prop_assert!(!json.trim_end_matches('\n').contains(|c| is_unsafe(c) || c < ' '));
                prop_assert_eq!(&serde_json::from_str::<String>(&json).unwrap(), &text);
            }
        }
    }
}

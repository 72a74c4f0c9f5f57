//! Values to YAML: one document in block style, every text in quotation marks unless it has lines.
//!
//! Invariant: the outcome is Terraform's to the byte, long texts folded where it folds them.

use std::fmt::Write;

use crate::template::evaluate::Failure;
use crate::template::value::Value;

/// Spaces of one level.
const STEP: usize = 2;

/// The column after which a long text in quotation marks goes on in the next line.
const WIDTH: usize = 80;

/// The longest key, in bytes, that stands before a colon without a question mark.
const SIMPLE_KEY: usize = 128;

/// The document of a wholly known value.
pub(super) fn text(value: &Value) -> Result<String, Failure> {
    let mut text = String::new();
    match value {
        Value::List(..) | Value::Set(..) | Value::Tuple(_) | Value::Map(..) | Value::Object(_) => {
            node(value, 0, &mut text)?;
        }
        Value::String(_) => scalar(value, STEP, &mut text)?,
        plain => {
            scalar(plain, STEP, &mut text)?;
            // A plain scalar alone is followed by the mark of the document's end.
            text.push_str("...\n");
        }
    }
    Ok(text)
}

/// Writes a node that starts where the text ends, its further lines indented; ends the line.
fn node(value: &Value, indent: usize, text: &mut String) -> Result<(), Failure> {
    match value {
        Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) => {
            if items.is_empty() {
                text.push_str("[]\n");
            }
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    pad(indent, text);
                }
                text.push_str("- ");
                node(item, indent + STEP, text)?;
            }
            Ok(())
        }
        Value::Map(_, entries) | Value::Object(entries) => {
            if entries.is_empty() {
                text.push_str("{}\n");
            }
            for (index, (key, item)) in entries.iter().enumerate() {
                if index > 0 {
                    pad(indent, text);
                }
                entry(key, item, indent, text)?;
            }
            Ok(())
        }
        other => scalar(other, indent, text),
    }
}

fn entry(key: &str, item: &Value, indent: usize, text: &mut String) -> Result<(), Failure> {
    if key.len() > SIMPLE_KEY || key.contains('\n') {
        text.push_str("? ");
        string(key, indent + STEP, true, text);
        text.push('\n');
        pad(indent, text);
        text.push_str(": ");
        return node(item, indent + STEP, text);
    }
    quoted(key, indent, false, text);
    text.push(':');
    match item {
        Value::Map(_, entries) | Value::Object(entries) if !entries.is_empty() => {
            text.push('\n');
            pad(indent + STEP, text);
            node(item, indent + STEP, text)
        }
        Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) if !items.is_empty() => {
            text.push('\n');
            pad(indent, text);
            node(item, indent, text)
        }
        _ => {
            text.push(' ');
            node(item, indent + STEP, text)
        }
    }
}

fn pad(indent: usize, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', indent));
}

fn scalar(value: &Value, indent: usize, text: &mut String) -> Result<(), Failure> {
    match value {
        Value::Null(_) => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) if value.is_infinite() => {
            text.push_str(if value.is_negative() {
                "-.inf"
            } else {
                "+.inf"
            });
        }
        Value::Number(value) => text.push_str(&value.to_string()),
        Value::String(value) => string(value, indent, true, text),
        other => {
            return Err(Failure::refused(format!("{} is no scalar", other.kind())));
        }
    }
    text.push('\n');
    Ok(())
}

/// Writes text as a block where it has lines and a block can hold it, else in quotation marks.
fn string(value: &str, indent: usize, fold: bool, text: &mut String) {
    let lines = value.contains('\n');
    let spaced = value.ends_with(' ') || value.contains(" \n");
    if lines
        && !spaced
        && value
            .chars()
            .all(|character| character == '\n' || plain(character))
    {
        block(value, indent, text);
    } else {
        quoted(value, indent, fold, text);
    }
}

/// Writes a literal block without its last line break.
fn block(value: &str, indent: usize, text: &mut String) {
    text.push('|');
    if value.starts_with([' ', '\n']) {
        // The indentation can't be told from the first line.
        let _unfailing = write!(text, "{STEP}");
    }
    let body = match value.strip_suffix('\n') {
        None => {
            text.push('-');
            value
        }
        Some(body) => {
            if body.is_empty() || body.ends_with('\n') {
                text.push('+');
            }
            body
        }
    };
    for line in body.split('\n') {
        text.push('\n');
        if !line.is_empty() {
            pad(indent, text);
            text.push_str(line);
        }
    }
}

/// Whether a character stands for itself.
const fn plain(character: char) -> bool {
    match character {
        '\u{feff}' | '\u{2028}' | '\u{2029}' => false,
        ' '..='~' | '\u{a0}'..='\u{fffd}' => true,
        _ => false,
    }
}

fn quoted(value: &str, indent: usize, fold: bool, text: &mut String) {
    let column_of = |text: &str| text.rsplit('\n').next().unwrap_or(text).chars().count();
    text.push('"');
    let mut column = column_of(text);
    let mut after_space = false;
    let mut rest = value.chars().enumerate().peekable();
    while let Some((index, character)) = rest.next() {
        let inside = index > 0 && rest.peek().is_some();
        let breaks = character == ' ' && fold && !after_space && column > WIDTH && inside;
        after_space = character == ' ';
        if breaks {
            text.push('\n');
            pad(indent, text);
            column = indent;
            if rest.peek().is_some_and(|(_, next)| *next == ' ') {
                text.push('\\');
                column += 1;
            }
            continue;
        }
        let part = escaped(character);
        column += part.chars().count();
        text.push_str(&part);
    }
    text.push('"');
}

fn escaped(character: char) -> String {
    let name = match character {
        '"' => '"',
        '\\' => '\\',
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        other if plain(other) => return other.to_string(),
        other => {
            let code = u32::from(other);
            return match code {
                0..=0xff => format!("\\x{code:02X}"),
                0x100..=0xffff => format!("\\u{code:04X}"),
                _ => format!("\\U{code:08X}"),
            };
        }
    };
    format!("\\{name}")
}

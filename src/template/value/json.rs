//! Values from and to JSON, as Terraform's `jsonencode` and `jsondecode` make them.
//!
//! Invariant: a number keeps its digits both ways.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use super::{MAX_DEPTH, Number, Value};
use crate::template::evaluate::Failure;

/// The JSON text of a wholly known value, without spaces, keys in the order of their bytes.
/// Sensitive marks are passed over.
///
/// # Errors
///
/// A number is infinite, or a part is unknown.
pub(crate) fn to_json(value: &Value) -> Result<String, Failure> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, text: &mut String) -> Result<(), Failure> {
    match value {
        Value::Null(_) => text.push_str("null"),
        Value::Unknown(_) => return Err(Failure::refused("a part of the value is unknown")),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(value) if value.is_infinite() => {
            return Err(Failure::refused("infinity has no JSON text"));
        }
        Value::Number(value) => text.push_str(&value.to_string()),
        Value::String(value) => write_text(value, text),
        Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(item, text)?;
            }
            text.push(']');
        }
        Value::Map(_, entries) | Value::Object(entries) => {
            text.push('{');
            for (index, (key, item)) in entries.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_text(key, text);
                text.push(':');
                write(item, text)?;
            }
            text.push('}');
        }
        Value::Sensitive(inner) => write(inner, text)?,
    }
    Ok(())
}

/// Text in quotation marks, with everything escaped that is unsafe within HTML or JavaScript.
fn write_text(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a text can't fail.
                let _unfailing = write!(text, "\\u{:04x}", u32::from(character));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

/// Reads JSON: arrays as tuples, objects as objects, of two equal keys the later.
///
/// # Errors
///
/// The text is no JSON, it goes on after the value, or it is nested too deep.
pub(crate) fn parse_json(text: &str) -> Result<Value, Failure> {
    let mut reader = Reader { text, at: 0 };
    let value = reader.value(0)?;
    reader.skip_spaces();
    if reader.at < text.len() {
        return Err(reader.unexpected());
    }
    Ok(value)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_spaces(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn take(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn unexpected(&self) -> Failure {
        Failure::refused(match self.rest().chars().next() {
            Some(_) => {
                format!("invalid JSON at byte {}", self.at)
            }
            None => String::from("invalid JSON: it ends too early"),
        })
    }

    fn value(&mut self, depth: u32) -> Result<Value, Failure> {
        if depth > MAX_DEPTH {
            return Err(Failure::bound("JSON is nested too deep"));
        }
        self.skip_spaces();
        if self.take("{") {
            return self.object(depth);
        }
        if self.take("[") {
            return self.array(depth);
        }
        for (token, value) in [
            ("null", Value::null()),
            ("true", true.into()),
            ("false", false.into()),
        ] {
            if self.take(token) {
                return Ok(value);
            }
        }
        match self.rest().bytes().next() {
            Some(b'"') => self.string().map(Value::text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.unexpected()),
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, Failure> {
        let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        self.skip_spaces();
        if self.take("}") {
            return Ok(Value::Object(entries.into()));
        }
        loop {
            self.skip_spaces();
            let Value::String(key) = Value::text(self.string()?) else {
                return Err(self.unexpected());
            };
            self.skip_spaces();
            if !self.take(":") {
                return Err(self.unexpected());
            }
            let value = self.value(depth + 1)?;
            entries.insert(key, value);
            self.skip_spaces();
            if self.take("}") {
                return Ok(Value::Object(entries.into()));
            }
            if !self.take(",") {
                return Err(self.unexpected());
            }
        }
    }

    fn array(&mut self, depth: u32) -> Result<Value, Failure> {
        let mut items = Vec::new();
        self.skip_spaces();
        if self.take("]") {
            return Ok(Value::Tuple(items.into()));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_spaces();
            if self.take("]") {
                return Ok(Value::Tuple(items.into()));
            }
            if !self.take(",") {
                return Err(self.unexpected());
            }
        }
    }

    fn number(&mut self) -> Result<Value, Failure> {
        let rest = self.rest();
        let length = rest
            .find(|character: char| !matches!(character, '0'..='9' | '.' | 'e' | 'E' | '+' | '-'))
            .unwrap_or(rest.len());
        let written = rest.get(..length).unwrap_or_default();
        let unsigned = written.strip_prefix('-').unwrap_or(written);
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, Some(exponent)),
            None => (unsigned, None),
        };
        let (whole, fraction) = match mantissa.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let digits =
            |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let right = digits(whole)
            && (whole == "0" || !whole.starts_with('0'))
            && fraction.is_none_or(digits)
            && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
        match Number::parse(written)? {
            Some(number) if right => {
                self.at += length;
                Ok(number.into())
            }
            _ => Err(self.unexpected()),
        }
    }

    fn string(&mut self) -> Result<String, Failure> {
        if !self.take("\"") {
            return Err(self.unexpected());
        }
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .find(|character: char| matches!(character, '"' | '\\' | '\0'..='\u{1f}'))
                .unwrap_or(rest.len());
            text.push_str(rest.get(..plain).unwrap_or_default());
            self.at += plain;
            if self.take("\"") {
                return Ok(text);
            }
            if !self.take("\\") {
                return Err(self.unexpected());
            }
            let escape = self
                .rest()
                .chars()
                .next()
                .ok_or_else(|| self.unexpected())?;
            let character = match escape {
                '"' | '\\' | '/' => escape,
                'b' => '\u{8}',
                'f' => '\u{c}',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => {
                    self.at += 1;
                    let character = self.code_point()?;
                    text.push(character);
                    continue;
                }
                _ => return Err(self.unexpected()),
            };
            self.at += 1;
            text.push(character);
        }
    }

    /// The character of four digits, or of twice four as a pair; what pairs with nothing is
    /// replaced.
    fn code_point(&mut self) -> Result<char, Failure> {
        let first = self.four_digits()?;
        if (0xd800..0xdc00).contains(&first) && self.rest().starts_with("\\u") {
            let before = self.at;
            self.at += 2;
            let second = self.four_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = before;
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn four_digits(&mut self) -> Result<u32, Failure> {
        let digits = self.rest().get(..4).ok_or_else(|| self.unexpected())?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(self.unexpected());
        }
        let code = u32::from_str_radix(digits, 16).map_err(|_| self.unexpected())?;
        self.at += 4;
        Ok(code)
    }
}

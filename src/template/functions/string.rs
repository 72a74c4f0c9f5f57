//! Functions on text. What counts as a character is a grapheme cluster of Unicode.

use unicode_segmentation::UnicodeSegmentation;

use super::Call;
use super::signature::{Function, NUMBER, RETURNS_BOOL, RETURNS_TEXT, RETURNS_TEXTS, TEXT, TEXTS};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("chomp", &[TEXT], RETURNS_TEXT, |call| {
        Ok(call.text(0)?.trim_end_matches(['\r', '\n']).into())
    }),
    Function::new("endswith", &[TEXT, TEXT], RETURNS_BOOL, |call| {
        Ok(call.text(0)?.ends_with(call.text(1)?).into())
    }),
    Function::new("indent", &[NUMBER, TEXT], RETURNS_TEXT, indent),
    Function::new("join", &[TEXT, TEXTS], RETURNS_TEXT, join).rest(TEXTS),
    Function::new("lower", &[TEXT], RETURNS_TEXT, |call| {
        Ok(call.text(0)?.chars().map(lower).collect::<String>().into())
    }),
    Function::new("split", &[TEXT, TEXT], RETURNS_TEXTS, split),
    Function::new("startswith", &[TEXT, TEXT], RETURNS_BOOL, |call| {
        Ok(call.text(0)?.starts_with(call.text(1)?).into())
    }),
    Function::new("strcontains", &[TEXT, TEXT], RETURNS_BOOL, |call| {
        Ok(call.text(0)?.contains(call.text(1)?).into())
    }),
    Function::new("strrev", &[TEXT], RETURNS_TEXT, |call| {
        Ok(call
            .text(0)?
            .graphemes(true)
            .rev()
            .collect::<String>()
            .into())
    }),
    Function::new("substr", &[TEXT, NUMBER, NUMBER], RETURNS_TEXT, substr),
    Function::new("title", &[TEXT], RETURNS_TEXT, title),
    Function::new("trim", &[TEXT, TEXT], RETURNS_TEXT, |call| {
        let cut = call.text(1)?;
        Ok(call
            .text(0)?
            .trim_matches(|character| cut.contains(character))
            .into())
    }),
    Function::new("trimprefix", &[TEXT, TEXT], RETURNS_TEXT, |call| {
        let text = call.text(0)?;
        Ok(text.strip_prefix(call.text(1)?).unwrap_or(text).into())
    }),
    Function::new("trimspace", &[TEXT], RETURNS_TEXT, |call| {
        Ok(call.text(0)?.trim().into())
    }),
    Function::new("trimsuffix", &[TEXT, TEXT], RETURNS_TEXT, |call| {
        let text = call.text(0)?;
        Ok(text.strip_suffix(call.text(1)?).unwrap_or(text).into())
    }),
    Function::new("upper", &[TEXT], RETURNS_TEXT, |call| {
        Ok(call.text(0)?.chars().map(upper).collect::<String>().into())
    }),
];

fn indent(call: &Call<'_>) -> Result<Value, Failure> {
    let spaces = usize::try_from(call.integer(0)?)
        .map_err(|_| Failure::refused("the number of spaces is below zero"))?;
    let text = call.text(1)?;
    call.afford(
        text.matches('\n')
            .count()
            .saturating_mul(spaces)
            .saturating_add(spaces),
    )?;
    let indented = format!("\n{}", " ".repeat(spaces));
    Ok(text.replace('\n', &indented).into())
}

fn join(call: &Call<'_>) -> Result<Value, Failure> {
    let separator = call.text(0)?;
    let mut parts = Vec::new();
    for list in call.arguments.iter().skip(1) {
        for item in super::items(list)? {
            match item {
                Value::String(text) => parts.push(&**text),
                _ => return Err(Failure::refused("an element is null")),
            }
        }
    }
    call.afford(separator.len().saturating_mul(parts.len()))?;
    Ok(parts.join(separator).into())
}

fn split(call: &Call<'_>) -> Result<Value, Failure> {
    let (separator, text) = (call.text(0)?, call.text(1)?);
    let parts = match separator {
        "" => text
            .chars()
            .map(|part| Value::text(part.to_string()))
            .collect(),
        _ => text.split(separator).map(Value::text).collect(),
    };
    Ok(Value::List(Type::String, parts))
}

/// Terraform: an offset below zero counts from the end, and then a length of zero takes all that
/// follows, as every length below zero does.
fn substr(call: &Call<'_>) -> Result<Value, Failure> {
    let (text, offset, length) = (call.text(0)?, call.integer(1)?, call.integer(2)?);
    let start = if offset < 0 {
        let count = i64::try_from(text.graphemes(true).count()).unwrap_or(i64::MAX);
        offset.saturating_add(count).max(0)
    } else if length == 0 {
        return Ok("".into());
    } else {
        offset
    };
    let clusters = text
        .graphemes(true)
        .skip(usize::try_from(start).unwrap_or(usize::MAX));
    Ok(match usize::try_from(length) {
        Ok(length) if length > 0 => clusters.take(length).collect::<String>().into(),
        _ => clusters.collect::<String>().into(),
    })
}

/// Terraform: a word starts after everything that is no letter, digit or underscore.
fn title(call: &Call<'_>) -> Result<Value, Failure> {
    let mut inside = false;
    let text = call.text(0)?.chars().map(|character| {
        let first = !std::mem::replace(&mut inside, continues_word(character));
        if first {
            title_case(character)
        } else {
            character
        }
    });
    Ok(text.collect::<String>().into())
}

fn continues_word(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_alphanumeric() || character == '_';
    }
    // Outside of ASCII only white space separates words.
    !character.is_whitespace()
}

/// The capital letter of a letter that has one of its own: `ß` has none.
fn upper(character: char) -> char {
    match character {
        // Capital letters with an iota beside them, which Unicode otherwise writes as two.
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            char::from_u32(u32::from(character) + 8).unwrap_or(character)
        }
        '\u{1fb3}' | '\u{1fc3}' | '\u{1ff3}' => {
            char::from_u32(u32::from(character) + 9).unwrap_or(character)
        }
        _ => single(character.to_uppercase(), character),
    }
}

fn lower(character: char) -> char {
    match character {
        // Unicode otherwise keeps the dot as a character of its own.
        '\u{130}' => 'i',
        _ => single(character.to_lowercase(), character),
    }
}

fn title_case(character: char) -> char {
    match character {
        // Letters of two, of which only the first is a capital letter in a title.
        'Ǆ'..='ǆ' => 'ǅ',
        'Ǉ'..='ǉ' => 'ǈ',
        'Ǌ'..='ǌ' => 'ǋ',
        'Ǳ'..='ǳ' => 'ǲ',
        _ => upper(character),
    }
}

fn single(mut mapped: impl Iterator<Item = char>, otherwise: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => otherwise,
    }
}

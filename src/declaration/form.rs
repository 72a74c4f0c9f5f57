//! Reads the form of a file, past its mistakes.
//!
//! What keeps the file from having its form (an unknown key, a value of another type) is noted and
//! taken out, and the rest is read again, so that one run shows every such mistake. A file with any of
//! them is not handed on: the checks would miss what was taken out.

use std::mem;
use std::ops::Range;

use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Deserializer};

use super::file::File;
use super::mistakes::Mistakes;

/// How many mistakes of form are told.
const MOST: usize = 100;

/// How many are looked for: each takes as long as reading the whole file, and they are not found in the
/// order of the file.
const LOOKED_FOR: usize = 1_000;

/// A place in the text, in bytes.
type Span = Range<usize>;

/// The file, if its form is right.
pub(super) fn read(text: &str, mistakes: &mut Mistakes<'_>) -> Option<File> {
    let file = file(text, mistakes);
    mistakes.keep_first(MOST, |others| {
        format!("and {others} more mistakes of form were found; correct these first")
    });
    file
}

fn file(text: &str, mistakes: &mut Mistakes<'_>) -> Option<File> {
    let parsed = DeTable::parse(text);
    let mut document = parsed.map_err(|error| mistakes.add_toml(&error)).ok()?;
    // Tables that something was taken out of: a key that they lack may be that.
    let mut incomplete = Vec::new();
    let mut is_whole = true;
    for _ in 0..LOOKED_FOR {
        let error = match File::deserialize(Deserializer::from(document.clone())) {
            Ok(file) => return is_whole.then_some(file),
            Err(error) => error,
        };
        is_whole = false;
        let span = error.span().unwrap_or_default();
        if !incomplete.contains(&span) {
            mistakes.add_toml(&error);
        }
        let whole = document.span();
        if !take_out_of_table(document.get_mut(), whole, &span, &mut incomplete) {
            return None;
        }
    }
    None
}

/// Takes the value out that has the span, or whose key has it. Returns whether there is one.
fn take_out(holder: &mut Spanned<DeValue<'_>>, span: &Span, incomplete: &mut Vec<Span>) -> bool {
    let place = holder.span();
    match holder.get_mut() {
        DeValue::Table(table) => take_out_of_table(table, place, span, incomplete),
        DeValue::Array(array) => {
            if array.iter().any(|element| element.span() == *span) {
                let elements = mem::replace(array, DeArray::new()).into_iter();
                *array = elements.filter(|element| element.span() != *span).collect();
                return true;
            }
            let mut elements = array.iter_mut();
            elements.any(|element| take_out(element, span, incomplete))
        }
        _ => false,
    }
}

fn take_out_of_table(
    table: &mut DeTable<'_>,
    place: Span,
    span: &Span,
    incomplete: &mut Vec<Span>,
) -> bool {
    let mut entries = table.iter();
    let found = entries.find(|(key, value)| key.span() == *span || value.span() == *span);
    if let Some(key) = found.map(|(key, _)| key.clone()) {
        incomplete.push(place);
        return table.remove(&key).is_some();
    }
    let mut values = table.iter_mut();
    values.any(|(_, value)| take_out(value, span, incomplete))
}

//! Functions with regular expressions: RE2's, which Go has, run by Rust's engine.
//!
//! Invariant: a pattern means here what it means in Go, or it is refused; matching takes time in
//! proportion to the text.

mod syntax;
#[cfg(test)]
mod tests;

use regex::{Captures, Regex, RegexBuilder};

use syntax::{counted, translate};

use super::Call;
use super::signature::{Function, RETURNS_TEXT, Returns, TEXT};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("regex", &[TEXT, TEXT], Returns::Of(match_type), |call| {
        let regex = affordable(call, call.text(0)?, call.text(1)?)?;
        match regex.captures(call.text(1)?) {
            Some(captures) => value_of(&regex, &captures),
            None => Err(Failure::refused("the pattern matches nothing in the text")),
        }
    }),
    Function::new(
        "regexall",
        &[TEXT, TEXT],
        Returns::Of(|arguments| Ok(Type::list(match_type(arguments)?))),
        |call| {
            let text = call.text(1)?;
            let regex = affordable(call, call.text(0)?, text)?;
            call.budget.spend(text.len() as u64)?;
            let matches = regex
                .captures_iter(text)
                .map(|captures| value_of(&regex, &captures));
            Value::list(&captures_type(&regex)?, matches.collect::<Result<_, _>>()?)
        },
    ),
    Function::new("replace", &[TEXT, TEXT, TEXT], RETURNS_TEXT, replace),
];

/// Terraform: what stands between slashes is a regular expression, anything else is meant as it is.
fn replace(call: &Call<'_>) -> Result<Value, Failure> {
    let (text, old, new) = (call.text(0)?, call.text(1)?, call.text(2)?);
    let pattern = old
        .strip_prefix('/')
        .and_then(|rest| rest.strip_suffix('/'));
    Ok(match pattern {
        Some(pattern) => {
            let regex = affordable(call, pattern, text)?;
            let most = text.len().saturating_add(new.len());
            call.afford(regex.find_iter(text).count().saturating_mul(most))?;
            regex.replace_all(text, new).into_owned().into()
        }
        None => {
            call.afford(text.matches(old).count().saturating_mul(new.len()))?;
            text.replace(old, new).into()
        }
    })
}

/// Compiles a pattern for a text, charging for both: repetitions multiply a pattern, and matching
/// takes at most its size for each byte of the text.
fn affordable(call: &Call<'_>, pattern: &str, text: &str) -> Result<Regex, Failure> {
    let counts = pattern.split('{').skip(1).filter_map(|rest| counted(rest));
    let bounds = counts.filter_map(|(count, _)| count.rsplit(',').next()?.parse::<u64>().ok());
    let size = bounds.fold(pattern.len() as u64, |size, bound| {
        size.saturating_mul(bound.max(1))
    });
    call.budget.spend(50 + (size / 2).min(MAX_COMPILING))?;
    call.budget
        .spend(size.saturating_mul(text.len() as u64) / 2_000)?;
    compile(pattern)
}

/// Steps that compiling takes at most: a pattern that is larger is refused halfway.
const MAX_COMPILING: u64 = 100_000;

/// The type of a match, which the pattern alone decides.
fn match_type(arguments: &[Value]) -> Result<Type, Failure> {
    match arguments.first() {
        Some(Value::String(pattern)) => captures_type(&compile(pattern)?),
        _ => Ok(Type::Any),
    }
}

fn captures_type(regex: &Regex) -> Result<Type, Failure> {
    let names: Vec<Option<&str>> = regex.capture_names().skip(1).collect();
    let named: Vec<&str> = names.iter().copied().flatten().collect();
    if names.is_empty() {
        return Ok(Type::String);
    }
    if named.is_empty() {
        return Ok(Type::Tuple(names.iter().map(|_| Type::String).collect()));
    }
    if named.len() < names.len() {
        return Err(Failure::refused(
            "a pattern can't have named and unnamed groups",
        ));
    }
    let attributes = named.into_iter().map(|name| (name.into(), Type::String));
    Ok(Type::Object(attributes.collect()))
}

/// The match, or its groups by place or by name; a group that takes no part is null.
fn value_of(regex: &Regex, captures: &Captures<'_>) -> Result<Value, Failure> {
    let group = |index: usize| match captures.get(index) {
        Some(found) => Value::text(found.as_str()),
        None => Value::Null(Type::String),
    };
    Ok(match captures_type(regex)? {
        Type::Tuple(groups) => Value::tuple((1..=groups.len()).map(group)),
        Type::Object(_) => Value::object(
            regex
                .capture_names()
                .enumerate()
                .filter_map(|(index, name)| Some((name?, group(index)))),
        ),
        _ => group(0),
    })
}

/// Bytes that a compiled pattern may take; Go allows about as much.
const SIZE: usize = 4 << 20;

/// Compiles a pattern of Go's.
///
/// # Errors
///
/// Go refuses the pattern too, or it is too large to run.
pub(crate) fn compile(pattern: &str) -> Result<Regex, Failure> {
    const REFUSED: &str = "the pattern is no regular expression";
    let translated = translate(pattern).ok_or_else(|| Failure::refused(REFUSED))?;
    RegexBuilder::new(&translated)
        .size_limit(SIZE)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => Failure::bound("a regular expression is too large"),
            error => {
                // The library draws the pattern over several lines; the last one says what is wrong.
                let error = error.to_string();
                let reason = error.lines().last().unwrap_or_default();
                let reason = reason.trim_start_matches("error: ").escape_debug();
                Failure::refused(format!("{REFUSED} ({reason})"))
            }
        })
}

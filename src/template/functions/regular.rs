//! Functions with regular expressions: RE2's, which Go has, run by Rust's engine.
//!
//! Invariant: a pattern means here what it means in Go, or it is refused; matching takes time in
//! proportion to the text.

use regex::{Captures, Regex, RegexBuilder};

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
    Ok(Type::Object(std::sync::Arc::new(attributes.collect())))
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

/// The most repetitions that Go counts.
const REPETITIONS: u32 = 1000;

/// Compiles a pattern of Go's.
///
/// # Errors
///
/// Go refuses the pattern too, or it is too large to run.
pub(in crate::template) fn compile(pattern: &str) -> Result<Regex, Failure> {
    let refused = || Failure::refused("the pattern is no regular expression");
    let translated = translate(pattern).ok_or_else(refused)?;
    RegexBuilder::new(&translated)
        .size_limit(SIZE)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => Failure::bound("a regular expression is too large"),
            _ => refused(),
        })
}

/// Writes a pattern of Go's in the syntax of Rust's engine; none for what Go refuses.
fn translate(pattern: &str) -> Option<String> {
    let mut written = String::new();
    let mut rest = pattern;
    // Whether the last that was written can't be repeated once more, as `a*` can't.
    let mut repeated = false;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let was_repeated = std::mem::take(&mut repeated);
        rest = match first {
            '\\' if after.starts_with('Q') => {
                let quoted = &after[1..];
                let (quoted, after) = quoted.split_once("\\E").unwrap_or((quoted, ""));
                written.push_str(&regex::escape(quoted));
                after
            }
            '\\' => escape(after, false, &mut written)?,
            '[' => class(after, &mut written)?,
            '(' => group(after, &mut written)?,
            '*' | '+' | '?' => {
                if was_repeated {
                    return None;
                }
                repeated = true;
                written.push(first);
                lazy(after, &mut written)
            }
            '{' => match counted(after) {
                Some((count, after)) => {
                    if was_repeated || !within(count) {
                        return None;
                    }
                    repeated = true;
                    written.push('{');
                    written.push_str(count);
                    written.push('}');
                    lazy(after, &mut written)
                }
                None => {
                    written.push_str("\\{");
                    after
                }
            },
            '}' => {
                written.push_str("\\}");
                after
            }
            ']' => {
                written.push_str("\\]");
                after
            }
            other => {
                written.push(other);
                after
            }
        };
    }
    Some(written)
}

/// Takes the `?` that makes a repetition take as little as it can.
fn lazy<'a>(rest: &'a str, written: &mut String) -> &'a str {
    match rest.strip_prefix('?') {
        Some(after) => {
            written.push('?');
            after
        }
        None => rest,
    }
}

/// The inside of `{n}`, `{n,}` or `{n,m}`, and what follows it.
fn counted(rest: &str) -> Option<(&str, &str)> {
    let (count, after) = rest.split_once('}')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let valid = match count.split_once(',') {
        Some((least, most)) => digits(least) && (most.is_empty() || digits(most)),
        None => digits(count),
    };
    valid.then_some((count, after))
}

fn within(count: &str) -> bool {
    count
        .split(',')
        .filter(|bound| !bound.is_empty())
        .all(|bound| bound.parse::<u32>().is_ok_and(|bound| bound <= REPETITIONS))
}

/// What follows `(`: flags that Go doesn't know are refused.
fn group<'a>(rest: &'a str, written: &mut String) -> Option<&'a str> {
    written.push('(');
    let Some(marked) = rest.strip_prefix('?') else {
        return Some(rest);
    };
    if marked.starts_with("P<") || marked.starts_with('<') {
        return Some(rest);
    }
    let flags = marked.find([':', ')'])?;
    let known = marked[..flags]
        .chars()
        .all(|flag| matches!(flag, 'i' | 'm' | 's' | 'U' | '-'));
    known.then_some(rest)
}

/// What follows a backslash.
fn escape<'a>(rest: &'a str, in_class: bool, written: &mut String) -> Option<&'a str> {
    let first = rest.chars().next()?;
    let after = &rest[first.len_utf8()..];
    // Go's classes and words are ASCII.
    let replacement = match (first, in_class) {
        ('d', false) => "[0-9]",
        ('d', true) => "0-9",
        ('D', _) => "[^0-9]",
        ('s', false) => "[\\t\\n\\x0c\\r ]",
        ('s', true) => "\\t\\n\\x0c\\r ",
        ('S', _) => "[^\\t\\n\\x0c\\r ]",
        ('w', false) => "[0-9A-Za-z_]",
        ('w', true) => "0-9A-Za-z_",
        ('W', _) => "[^0-9A-Za-z_]",
        ('b', false) => "(?-u:\\b)",
        ('B', false) => "(?-u:\\B)",
        ('A' | 'z', false) => {
            written.push('\\');
            written.push(first);
            return Some(after);
        }
        ('a' | 'f' | 'n' | 'r' | 't' | 'v' | 'p' | 'P' | 'x', _) => {
            written.push('\\');
            written.push(first);
            return Some(after);
        }
        ('0'..='7', _) => return octal(rest, written),
        (other, _) if other.is_ascii() && !other.is_ascii_alphanumeric() => {
            written.push_str(&regex::escape(&other.to_string()));
            return Some(after);
        }
        _ => return None,
    };
    written.push_str(replacement);
    Some(after)
}

/// A character by its number in base eight: up to three digits after a zero, three otherwise.
fn octal<'a>(rest: &'a str, written: &mut String) -> Option<&'a str> {
    let digits = rest
        .bytes()
        .take(3)
        .take_while(|byte| matches!(byte, b'0'..=b'7'))
        .count();
    if !rest.starts_with('0') && digits < 2 {
        return None;
    }
    let code = u32::from_str_radix(&rest[..digits], 8).ok()?;
    written.push_str(&format!("\\x{{{code:x}}}"));
    Some(&rest[digits..])
}

/// What follows `[`, up to its end.
fn class<'a>(rest: &'a str, written: &mut String) -> Option<&'a str> {
    written.push('[');
    let mut rest = match rest.strip_prefix('^') {
        Some(after) => {
            written.push('^');
            after
        }
        None => rest,
    };
    let mut first = true;
    loop {
        let character = rest.chars().next()?;
        let after = &rest[character.len_utf8()..];
        rest = match character {
            ']' if !first => {
                written.push(']');
                return Some(after);
            }
            '[' if after.starts_with(':') => {
                let end = after.find(":]")? + 2;
                written.push('[');
                written.push_str(&after[..end]);
                &after[end..]
            }
            '\\' => escape(after, true, written)?,
            // Rust's engine knows operators on classes, Go's doesn't.
            '[' | ']' | '&' | '~' => {
                written.push('\\');
                written.push(character);
                after
            }
            '-' if after.starts_with('-') || first => {
                written.push_str("\\-");
                after
            }
            other => {
                written.push(other);
                after
            }
        };
        first = false;
    }
}

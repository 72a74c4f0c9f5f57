//! Functions on files and paths.
//!
//! Invariant: only the files of the template are read, by clean relative paths.

use std::sync::Arc;

use data_encoding::BASE64;
use md5::Md5;
use regex::Regex;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

use super::Call;
use super::hash::{base64, hex};
use super::signature::{Function, RETURNS_BOOL, RETURNS_TEXT, Returns, TEXT};
use crate::template::evaluate::{Failure, FailureKind};
use crate::template::value::{Type, Value};

const PATHS: Returns = Returns::Of(|_| Ok(Type::set(Type::String)));

/// Those whose outcome depends on where they run.
pub(super) const READING: [&str; 12] = [
    "abspath",
    "file",
    "filebase64",
    "filebase64sha256",
    "filebase64sha512",
    "fileexists",
    "filemd5",
    "fileset",
    "filesha1",
    "filesha256",
    "filesha512",
    "pathexpand",
];

pub(super) const FUNCTIONS: &[Function] = &[
    // Where coderd runs is not known.
    Function::new("abspath", &[TEXT], RETURNS_TEXT, |call| {
        let path = call.text(0)?;
        Ok(if path.starts_with('/') {
            clean(path).into()
        } else {
            Value::Unknown(Type::String)
        })
    }),
    Function::new("basename", &[TEXT], RETURNS_TEXT, |call| {
        Ok(base(call.text(0)?).into())
    }),
    Function::new("dirname", &[TEXT], RETURNS_TEXT, |call| {
        let path = call.text(0)?;
        let end = path.rfind('/').map_or(0, |slash| slash + 1);
        Ok(clean(path.get(..end).unwrap_or_default()).into())
    }),
    Function::new("file", &[TEXT], RETURNS_TEXT, |call| {
        let content = read(call)?;
        match std::str::from_utf8(&content) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(Failure::refused("the file is no text in UTF-8")),
        }
    }),
    Function::new("filebase64", &[TEXT], RETURNS_TEXT, |call| {
        Ok(BASE64.encode(&read(call)?).into())
    }),
    Function::new("filebase64sha256", &[TEXT], RETURNS_TEXT, |call| {
        Ok(base64::<Sha256>(&read(call)?))
    }),
    Function::new("filebase64sha512", &[TEXT], RETURNS_TEXT, |call| {
        Ok(base64::<Sha512>(&read(call)?))
    }),
    Function::new("fileexists", &[TEXT], RETURNS_BOOL, |call| {
        match relative(call.text(0)?) {
            Some(path) => Ok(call.files()?.read(&path)?.is_some().into()),
            None => Ok(false.into()),
        }
    }),
    Function::new("filemd5", &[TEXT], RETURNS_TEXT, |call| {
        Ok(hex::<Md5>(&read(call)?))
    }),
    Function::new("fileset", &[TEXT, TEXT], PATHS, set),
    Function::new("filesha1", &[TEXT], RETURNS_TEXT, |call| {
        Ok(hex::<Sha1>(&read(call)?))
    }),
    Function::new("filesha256", &[TEXT], RETURNS_TEXT, |call| {
        Ok(hex::<Sha256>(&read(call)?))
    }),
    Function::new("filesha512", &[TEXT], RETURNS_TEXT, |call| {
        Ok(hex::<Sha512>(&read(call)?))
    }),
    // Whose home coderd has is not known.
    Function::new("pathexpand", &[TEXT], RETURNS_TEXT, |call| {
        let path = call.argument(0)?;
        Ok(if call.text(0)?.starts_with('~') {
            Value::Unknown(Type::String)
        } else {
            path.clone()
        })
    }),
];

/// The shortest path that means the same.
fn clean(path: &str) -> String {
    let root = path.starts_with('/');
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            ".." if root => {}
            other => steps.push(other),
        }
    }
    match (root, steps.is_empty()) {
        (true, _) => format!("/{}", steps.join("/")),
        (false, true) => String::from("."),
        (false, false) => steps.join("/"),
    }
}

fn base(path: &str) -> &str {
    let trimmed = path.trim_end_matches('/');
    match (path, trimmed) {
        ("", _) => ".",
        (_, "") => "/",
        _ => trimmed.rsplit('/').next().unwrap_or(trimmed),
    }
}

/// The clean path, none for one that starts at the root of a machine.
fn relative(path: &str) -> Option<String> {
    (!path.starts_with('/')).then(|| clean(path))
}

fn read(call: &Call<'_>) -> Result<Arc<[u8]>, Failure> {
    let missing = || Failure::refused("there is no such file in the template");
    let path = relative(call.text(0)?).ok_or_else(missing)?;
    let content = call.files()?.read(&path)?.ok_or_else(missing)?;
    call.afford(content.len().saturating_mul(2))?;
    Ok(content)
}

fn set(call: &Call<'_>) -> Result<Value, Failure> {
    let folder = relative(call.text(0)?)
        .ok_or_else(|| Failure::refused("the folder is outside of the template"))?;
    let paths = call.files()?.list(&folder);
    let pattern = clean(call.text(1)?);
    // Matching takes at most the size of the pattern for each byte of a path.
    let bytes: usize = paths.iter().map(String::len).sum();
    let matching = (pattern.len() as u64).saturating_mul(bytes as u64) / 2_000;
    call.budget
        .spend(COMPILING + paths.len() as u64 * 5 + matching)?;
    let pattern = glob(&pattern)?;
    let found = paths
        .into_iter()
        .filter(|path| pattern.is_match(path))
        .map(Value::text);
    Value::set(&Type::String, found.collect())
}

/// Steps that it takes to compile a pattern.
const COMPILING: u64 = 500;

/// Bytes that a compiled pattern may take.
const SIZE: usize = 1 << 20;

/// The regular expression for a pattern of paths: `*` and `?` within one step, `**` for any steps,
/// `[...]` and `{...,...}`.
fn glob(pattern: &str) -> Result<Regex, Failure> {
    let broken = || Failure::refused("the pattern of paths is broken");
    let mut written = String::from("^");
    let mut rest = pattern.chars().peekable();
    let mut alternatives = 0usize;
    while let Some(character) = rest.next() {
        match character {
            '*' if rest.peek() == Some(&'*') => {
                rest.next();
                match rest.peek() {
                    Some('/') => {
                        rest.next();
                        written.push_str("(?:.*/)?");
                    }
                    _ => written.push_str(".*"),
                }
            }
            '*' => written.push_str("[^/]*"),
            '?' => written.push_str("[^/]"),
            '[' => {
                written.push('[');
                if rest.next_if(|next| matches!(next, '^' | '!')).is_some() {
                    written.push('^');
                }
                let mut first = true;
                loop {
                    match rest.next().ok_or_else(broken)? {
                        ']' if !first => break,
                        '-' => written.push('-'),
                        '\\' => written
                            .push_str(&regex::escape(&rest.next().ok_or_else(broken)?.to_string())),
                        other => written.push_str(&regex::escape(&other.to_string())),
                    }
                    first = false;
                }
                written.push(']');
            }
            '{' => {
                alternatives += 1;
                written.push_str("(?:");
            }
            '}' if alternatives > 0 => {
                alternatives -= 1;
                written.push(')');
            }
            ',' if alternatives > 0 => written.push('|'),
            '\\' => {
                let escaped = rest.next().ok_or_else(broken)?;
                written.push_str(&regex::escape(&escaped.to_string()));
            }
            other => written.push_str(&regex::escape(&other.to_string())),
        }
    }
    if alternatives > 0 {
        return Err(broken());
    }
    written.push('$');
    regex::RegexBuilder::new(&written)
        .size_limit(SIZE)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => Failure {
                kind: FailureKind::Bound,
                ..broken()
            },
            _ => broken(),
        })
}

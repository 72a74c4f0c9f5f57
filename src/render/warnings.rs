//! What is wrong with what a table is about, to be said below it.
//!
//! A line for each kind of diagnostic, with the number of those concerned, so that hundreds of presets
//! with the same fault don't hide all else.

use crate::model::text::{plural, printable};
use crate::model::{Diagnostic, Severity};

/// A line for each kind of diagnostic, or with `all` for each diagnostic. Each comes with the printable
/// name of its preset.
pub(crate) fn warnings<'a>(
    found: impl Iterator<Item = (String, &'a Diagnostic)>,
    all: bool,
) -> Vec<String> {
    let mut kinds: Vec<(String, &Diagnostic, usize)> = Vec::new();
    for (name, diagnostic) in found {
        let same = kinds.iter_mut().find(|it| it.1.code == diagnostic.code);
        match same.filter(|_| !all) {
            Some((_, _, count)) => *count += 1,
            None => kinds.push((name, diagnostic, 1)),
        }
    }
    let line = |(name, diagnostic, count): (String, &Diagnostic, usize)| match count {
        1 => warning(&name, diagnostic),
        _ => warning(
            &format!("{}, such as {name}", plural(count, "preset")),
            diagnostic,
        ),
    };
    kinds.into_iter().map(line).collect()
}

/// `acme/web/small: the message [code]`; `about` is printable.
pub(super) fn warning(about: &str, diagnostic: &Diagnostic) -> String {
    let message = printable(&diagnostic.message);
    format!("{about}: {message} [{}]", diagnostic.code)
}

/// How bad it is, in a word. None is called an error: the command itself has not failed.
pub(super) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Error => "problem",
    }
}

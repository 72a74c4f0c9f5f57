//! The language itself, in tables of expressions with their outcomes, which are Terraform 1.11.4's
//! except where coderd's are said to differ.

use std::sync::Arc;

use super::{Budget, Failure, FailureKind, Files, Library, Scope, Step, evaluate};
use crate::template::value::{Type, Value, to_json};

mod bounds;
mod language;
mod layout;
mod marks;
mod properties;

/// A scope with a few names and files.
pub(in crate::template) struct Stage(Budget);

impl Scope for Stage {
    fn resolve(&self, root: &str, _: &[Step]) -> Result<(Value, usize), Failure> {
        let value = match root {
            "unknown" => Value::unknown(),
            "unknown_text" => Value::Unknown(Type::String),
            "words" => Value::object([("a", "am".into()), ("c", "cm".into())]),
            _ => return Err(Failure::refused(format!("there is no {root:?}"))),
        };
        Ok((value, 0))
    }

    fn library(&self) -> Library<'_> {
        Library::Rendering(self)
    }

    fn budget(&self) -> &Budget {
        &self.0
    }
}

impl Files for Stage {
    fn read(&self, path: &str) -> Result<Option<Arc<[u8]>>, Failure> {
        match path {
            "f.txt" => Ok(Some(b"line one\nline two\n".as_slice().into())),
            "d/x.json" => Ok(Some(b"{\"k\": [1, \"b\", null, true]}".as_slice().into())),
            "binary" => Ok(Some([0xff].as_slice().into())),
            "d" => Err(Failure::refused("a folder can't be read")),
            _ => Ok(None),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let files = match folder {
            "." => &["f.txt", "d/x.json", "binary"][..],
            "d" => &["x.json"],
            _ => &[],
        };
        files.iter().copied().map(String::from).collect()
    }
}

pub(in crate::template) fn value_of(text: &str) -> Result<Value, Failure> {
    let expression =
        crate::template::syntax::expression(text).map_err(|_| Failure::refused("syntax"))?;
    evaluate(&expression, &Stage(Budget::default()))
}

/// The JSON text of an expression, or a word for what has none.
pub(in crate::template) fn outcome(text: &str) -> String {
    match value_of(text) {
        Err(failure) => match failure.kind {
            FailureKind::Refused => String::from("refused"),
            FailureKind::Unsupported => String::from("unsupported"),
            FailureKind::Bound => String::from("bound"),
        },
        Ok(value) if !value.is_wholly_known() => String::from("unknown"),
        Ok(value) if value.has_sensitive() => String::from("sensitive"),
        Ok(value) => to_json(&value).unwrap_or_else(|_| String::from("refused")),
    }
}

/// Checks a table of expressions with their outcomes.
pub(in crate::template) fn check(cases: &[(&str, &str)]) {
    let different: Vec<String> = cases
        .iter()
        .map(|(text, expected)| (text, expected, outcome(text)))
        .filter(|(_, expected, found)| *expected != found)
        .map(|(text, expected, found)| format!("{text}: {found} instead of {expected}"))
        .collect();
    assert!(different.is_empty(), "{}", different.join("\n"));
}

//! The values that a template's variables are given: by `.tfvars` files of the archive and by the
//! template version.
//!
//! Invariant: a version's value wins over a file's, and an empty one counts as none.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::archive::Folder;
use super::configuration::{Attribute, read_variables};
use super::diagnostic::{Diagnostic, Reason};
use super::evaluate::{Budget, Failure, Scope, Step, evaluate};
use super::value::{Number, Value, parse_json};

/// A row of `template_version_variables`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Variable {
    /// The variable's name.
    pub name: String,
    /// Its type as it was imported: `string`, `number`, `bool`, empty where none is declared, or anything
    /// else, which is JSON.
    pub kind: String,
    /// Its value; empty: none.
    pub value: String,
    /// What holds without a value; empty: nothing.
    pub default_value: String,
    /// Whether its value is not to be shown.
    pub sensitive: bool,
}

impl Variable {
    /// The value that holds: its own, else its default; empty: none.
    pub(crate) fn effective_value(&self) -> &str {
        if self.value.is_empty() {
            &self.default_value
        } else {
            &self.value
        }
    }
}

/// Variables' values by their names.
pub(super) type Values = BTreeMap<Arc<str>, Value>;

/// The values that the root module's variables are given.
///
/// # Errors
///
/// A `.tfvars` file can't be read, or a version's value is not of its type.
pub(super) fn values(files: &Folder, variables: &[Variable]) -> Result<Values, Vec<Diagnostic>> {
    let mut values = Values::new();
    for (path, bytes) in variable_files(files) {
        let text = String::from_utf8_lossy(bytes);
        for attribute in read_variables(path.to_owned(), &text).map_err(|error| vec![error])? {
            // Without any names, an expression with a name in it comes to nothing.
            let value = literal(&attribute).map_err(|error| vec![error])?;
            values.insert(Arc::clone(&attribute.name), value);
        }
    }
    for variable in variables {
        let text = variable.effective_value();
        if !text.is_empty() {
            let value = typed(&variable.kind, text).ok_or_else(|| {
                let (name, kind) = (&variable.name, &variable.kind);
                let message = format!("the variable {name:?} has a value that is no {kind}");
                vec![Diagnostic::error(Reason::Template, message, None)]
            })?;
            values.insert(variable.name.as_str().into(), value);
        }
    }
    Ok(values)
}

/// The `.tfvars` files of all folders, in the order in which coderd's renderer comes across them; the
/// later win. Terraform itself would only look into the root, and only at some names.
fn variable_files(files: &Folder) -> Vec<(&str, &Arc<[u8]>)> {
    let is_one = |path: &str| path.ends_with(".tfvars") || path.ends_with(".tfvars.json");
    let mut found: Vec<_> = files.iter().filter(|(path, _)| is_one(path)).collect();
    found.sort_by(|(a, _), (b, _)| a.split('/').cmp(b.split('/')));
    found
}

fn literal(attribute: &Attribute) -> Result<Value, Diagnostic> {
    let nothing = Nothing {
        budget: Budget::default(),
    };
    evaluate(&attribute.expression, &nothing).or_else(|failure| match failure.kind {
        super::evaluate::FailureKind::Refused => Ok(Value::unknown()),
        _ => {
            let place = attribute.location.place();
            Err(Diagnostic::error(
                Reason::Unsupported,
                failure.to_string(),
                place,
            ))
        }
    })
}

fn typed(kind: &str, text: &str) -> Option<Value> {
    match kind {
        // coderd takes a variable that was declared without a type for a text.
        "string" | "" => Some(text.into()),
        "number" => Number::parse(text).ok().flatten().map(Value::Number),
        "bool" => match text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true.into()),
            "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false.into()),
            _ => None,
        },
        _ => parse_json(text).ok(),
    }
}

/// A scope in which no name means anything and no file lies.
struct Nothing {
    budget: Budget,
}

impl Scope for Nothing {
    fn resolve(&self, root: &str, _: &[Step]) -> Result<(Value, usize), Failure> {
        Err(Failure::refused(format!(
            "there is no {root} in a file of variables"
        )))
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

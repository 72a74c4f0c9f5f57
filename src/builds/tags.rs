//! Workspace tags of classic templates: expressions that the import stored, evaluated for one build.
//!
//! Pure, and as narrow as coderd is there (2.24 to 2.36): an expression sees the template's variables
//! and the build's parameters, both as maps with one entry `value`, the functions that coderd has for
//! them, and nothing else.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::parameters::{Problem, join};
use crate::template::{
    Budget, Failure, FailureKind, Library, Scope, Step, Type, Value, Values, Variable, evaluate,
    syntax,
};

/// Longest expression that is looked at, in bytes.
const MAX_LENGTH: usize = 4096;

/// Evaluates expressions by tag. `variables` are none where the database doesn't hold them.
///
/// # Errors
/// One problem for all tags: certain as soon as one of them is.
pub(super) fn evaluate_all(
    expressions: &BTreeMap<String, String>,
    variables: Option<&[Variable]>,
    parameters: &Values,
) -> Result<BTreeMap<String, String>, Problem> {
    let names = Names {
        variables: variables.map(|variables| {
            let values = variables.iter();
            wrapped(values.map(|variable| (&variable.name, variable.effective_value())))
        }),
        parameters: data(parameters),
        budget: Budget::default(),
    };
    let mut tags = BTreeMap::new();
    let mut problems = Vec::new();
    for (key, expression) in expressions {
        match evaluate_tag(expression, &names) {
            Ok(value) => {
                tags.insert(key.clone(), value);
            }
            Err(problem) => problems.push((format!("workspace tag {key:?}"), problem)),
        }
    }
    if problems.is_empty() {
        Ok(tags)
    } else {
        Err(join(problems))
    }
}

fn evaluate_tag(text: &str, names: &Names) -> Result<String, Problem> {
    if text.len() > MAX_LENGTH {
        return Err(Problem::Unknown("the expression is too long".to_owned()));
    }
    // The server's parser takes some that this one doesn't.
    let expression = syntax::expression(text.trim()).map_err(|_| {
        Problem::Unknown(format!("{text:?} is not an expression that is read here"))
    })?;
    let value = evaluate(&expression, names).map_err(problem)?;
    if !value.is_known() {
        let problem = format!("{text:?} has a value that only coderd can work out");
        return Err(Problem::Unknown(problem));
    }
    // A variable or parameter by itself is the map around its value.
    let value = match &value {
        Value::Map(Type::String, entries) => entries.get("value").unwrap_or(&value),
        _ => &value,
    };
    match value.tag_text().map_err(problem)? {
        Some(text) => Ok(text),
        None => Err(Problem::Invalid("null is no text".to_owned())),
    }
}

fn problem(failure: Failure) -> Problem {
    match failure.kind {
        FailureKind::Refused => Problem::Invalid(failure.message),
        FailureKind::Unsupported | FailureKind::Bound => Problem::Unknown(failure.message),
    }
}

/// What expressions can name. What there is none of has no name.
struct Names {
    variables: Option<Value>,
    parameters: Value,
    budget: Budget,
}

/// Texts by name, each as a map with one entry `value`.
fn wrapped<'a>(values: impl Iterator<Item = (&'a String, &'a str)>) -> Value {
    let wrapped = |text: &str| {
        let entries = [(Arc::from("value"), Value::text(text))];
        Value::Map(Type::String, entries.into_iter().collect())
    };
    let entries = values.map(|(name, value)| (Arc::from(name.as_str()), wrapped(value)));
    Value::Map(Type::map(Type::String), entries.collect())
}

/// The data sources: parameters are the only ones, where there are any.
fn data(parameters: &Values) -> Value {
    let values = parameters.iter();
    let wrapped = wrapped(values.map(|(name, value)| (name, value.as_str())));
    let kind = wrapped.type_of();
    let source = (!parameters.is_empty()).then(|| (Arc::from("coder_parameter"), wrapped));
    Value::Map(kind, source.into_iter().collect())
}

impl Scope for Names {
    fn resolve(&self, root: &str, _: &[Step]) -> Result<(Value, usize), Failure> {
        let named = match root {
            "var" => self.variables.clone().ok_or_else(|| {
                Failure::unsupported("a variable, which the database doesn't hold,")
            })?,
            "data" => self.parameters.clone(),
            _ => Value::null(),
        };
        match &named {
            Value::Map(_, entries) if !entries.is_empty() => Ok((named, 0)),
            _ => Err(Failure::refused(format!("nothing here is called {root:?}"))),
        }
    }

    fn library(&self) -> Library<'_> {
        Library::Classic
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

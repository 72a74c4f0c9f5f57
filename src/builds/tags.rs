//! Workspace tags of classic templates: expressions that the import stored, evaluated for one build.
//!
//! Pure, and as narrow as the server is there (Coder 2.24 to 2.36): an expression sees the template's
//! variables and the build's parameters, both as maps with one entry `value`, Terraform's functions
//! without those that read files, and nothing else.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::Expression;

use super::parameters::{Problem, join};
use crate::template::{
    Budget, Failure, FailureKind, Files, Scope, Step, Type, Value, Variable, evaluate,
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
    parameters: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Problem> {
    let names = Names {
        variables: variables.map(|variables| {
            let values = variables.iter();
            wrapped(values.map(|variable| (&variable.name, variable.effective_value())))
        }),
        parameters: wrapped(
            parameters
                .iter()
                .map(|(name, value)| (name, value.as_str())),
        ),
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
    let expression: Expression = text.trim().parse().map_err(|_| {
        Problem::Unknown(format!("{text:?} is not an expression that is read here"))
    })?;
    let value = evaluate(&expression, names).map_err(problem)?;
    // A variable or parameter by itself is the map around its value.
    let value = match &value {
        Value::Map(_, entries) => entries.get("value").cloned().unwrap_or(value),
        // Whether the server takes an object of texts for such a map is open.
        Value::Object(_) => {
            return Err(Problem::Unknown(
                "an object may be taken for a map".to_owned(),
            ));
        }
        _ => value,
    };
    if !value.is_known() {
        let problem = format!("{text:?} has a value that only coderd can work out");
        return Err(Problem::Unknown(problem));
    }
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

/// What expressions can name.
struct Names {
    variables: Option<Value>,
    parameters: Value,
    budget: Budget,
}

/// Texts by name, each as a map with one entry `value`.
fn wrapped<'a>(values: impl Iterator<Item = (&'a String, &'a str)>) -> Value {
    let of_text = |value: Value, name: Arc<str>, kind| {
        Value::Map(kind, [(name, value)].into_iter().collect())
    };
    let entries = values.map(|(name, value)| {
        let wrapped = of_text(Value::text(value), "value".into(), Type::String);
        (Arc::from(name.as_str()), wrapped)
    });
    let kind = Type::Map(Arc::new(Type::String));
    Value::Map(kind, entries.collect())
}

impl Scope for Names {
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<(Value, usize), Failure> {
        let is_parameter =
            matches!(steps.first(), Some(Step::Attribute(name)) if &**name == "coder_parameter");
        match root {
            "var" => match &self.variables {
                Some(variables) => Ok((variables.clone(), 0)),
                None => Err(Failure::unsupported(
                    "a variable, which the database doesn't hold,",
                )),
            },
            "data" if is_parameter => Ok((self.parameters.clone(), 1)),
            _ => Err(Failure::refused(format!("nothing here is called {root:?}"))),
        }
    }

    fn files(&self) -> &dyn Files {
        self
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

/// There are none: the server has no functions here that read files.
impl Files for Names {
    fn read(&self, _path: &str) -> Result<Option<Arc<[u8]>>, Failure> {
        Err(Failure::refused(
            "functions that read files do not exist here",
        ))
    }

    fn list(&self, _folder: &str) -> Vec<String> {
        Vec::new()
    }
}

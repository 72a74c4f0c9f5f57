//! Values of secret variables and of parameters that forms hide, kept out of what is shown.
//!
//! Invariant: no message of a render holds the text of a variable that is sensitive, neither by its
//! row in the version nor by its block, and none holds the value of a parameter. Messages quote no values that the template worked out; this
//! is for the names that it worked out.

use std::collections::BTreeSet;

use super::configuration::Configuration;
use super::value::Value;
use super::variables::{Values, Variable};

/// What stands in a message instead.
pub(crate) const HIDDEN: &str = "(sensitive)";

/// The fewest bytes of a secret. Shorter texts stand in messages by chance.
const SHORTEST: usize = 3;

/// The texts that nothing may show.
#[derive(Clone, Debug, Default)]
pub(crate) struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Those of a version's sensitive variables.
    pub(crate) fn of_variables(rows: &[Variable]) -> Self {
        find(rows, &Values::new(), [].into_iter())
    }

    /// These and more.
    pub(crate) fn with(&self, more: impl IntoIterator<Item = String>) -> Self {
        let more = more.into_iter().filter(|text| text.len() >= SHORTEST);
        Self(self.0.iter().cloned().chain(more).collect())
    }

    /// The value, unless it holds a secret.
    pub(crate) fn hide_value(&self, value: String) -> String {
        if self.0.iter().any(|secret| value.contains(secret)) {
            HIDDEN.to_owned()
        } else {
            value
        }
    }

    /// The message without secrets.
    pub(crate) fn hide_in(&self, message: &mut String) {
        for secret in &self.0 {
            if message.contains(secret) {
                *message = message.replace(secret, HIDDEN);
            }
        }
    }
}

/// The secrets of a template.
pub(super) fn find<'a>(
    rows: &[Variable],
    values: &Values,
    configurations: impl Iterator<Item = &'a Configuration>,
) -> Secrets {
    let mut secrets = BTreeSet::new();
    for row in rows.iter().filter(|row| row.sensitive) {
        secrets.extend([row.value.clone(), row.default_value.clone()]);
        if let Some(value) = values.get(row.name.as_str()) {
            add_texts(value, &mut secrets);
        }
    }
    let variables = configurations
        .flat_map(|it| &it.blocks)
        .filter(|it| &*it.kind == "variable");
    for block in variables {
        let constant = |name| {
            block
                .body
                .attribute(name)
                .and_then(|it| it.constant.as_ref())
        };
        if constant("sensitive") == Some(&Value::Bool(true)) {
            let default = constant("default")
                .into_iter()
                .chain(values.get(block.name()));
            default.for_each(|value| add_texts(value, &mut secrets));
        }
    }
    secrets.retain(|secret| secret.len() >= SHORTEST);
    Secrets(secrets)
}

fn add_texts(value: &Value, secrets: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            secrets.insert((**text).to_owned());
        }
        Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) => {
            items.iter().for_each(|item| add_texts(item, secrets));
        }
        Value::Map(_, entries) | Value::Object(entries) => {
            entries.values().for_each(|value| add_texts(value, secrets));
        }
        Value::Sensitive(inner) => add_texts(inner, secrets),
        Value::Null(_) | Value::Unknown(_) | Value::Bool(_) | Value::Number(_) => {}
    }
}

//! Values of secret variables, kept out of messages.
//!
//! Invariant: no message of a render holds the text of a variable that is sensitive, neither by its
//! row in the version nor by its block. Messages quote no values that the template worked out; this
//! is for the names that it worked out.

use std::collections::BTreeSet;

use super::configuration::Configuration;
use super::value::Value;
use super::variables::{Values, Variable};

/// What stands in a message instead.
const HIDDEN: &str = "(sensitive)";

/// The fewest bytes of a secret. Shorter texts stand in messages by chance.
const SHORTEST: usize = 3;

/// The texts that no message may show.
pub(super) fn find<'a>(
    rows: &[Variable],
    values: &Values,
    configurations: impl Iterator<Item = &'a Configuration>,
) -> BTreeSet<String> {
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
    secrets
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

/// Hides secrets in a message.
pub(super) fn hide_in(secrets: &BTreeSet<String>, message: &mut String) {
    for secret in secrets {
        if message.contains(secret) {
            *message = message.replace(secret, HIDDEN);
        }
    }
}

//! The plan of the import (`terraform show -json`): what data sources of other providers came to.
//!
//! Invariant: nothing of a `coder_*` data source is taken from it. Those were read without an owner.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::archive::MAX_BYTES;
use super::expansion::INSTANCES;
use super::instances::Key;
use super::value::{MAX_DEPTH, Number, Value};

/// The data sources of a plan, by the address of their module.
#[derive(Debug, Default)]
pub(super) struct Plan {
    modules: BTreeMap<String, Vec<Source>>,
}

/// An instance of a data source.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) kind: Arc<str>,
    pub(super) label: Arc<str>,
    pub(super) key: Option<Key>,
    pub(super) value: Value,
}

#[derive(Deserialize)]
struct Document {
    prior_state: Option<State>,
}

#[derive(Deserialize)]
struct State {
    values: Option<Values>,
}

#[derive(Deserialize)]
struct Values {
    root_module: Option<Module>,
}

#[derive(Deserialize)]
struct Module {
    #[serde(default)]
    address: String,
    #[serde(default)]
    resources: Vec<Resource>,
    #[serde(default)]
    child_modules: Vec<Self>,
}

#[derive(Deserialize)]
struct Resource {
    mode: String,
    r#type: String,
    name: String,
    index: Option<serde_json::Value>,
    values: Option<serde_json::Value>,
}

impl Plan {
    /// Reads a plan; an empty text or object is one without anything.
    ///
    /// # Errors
    ///
    /// What is wrong with it, a fragment.
    pub(super) fn read(json: &str) -> Result<Self, String> {
        if json.trim().is_empty() {
            return Ok(Self::default());
        }
        if json.len() as u64 > MAX_BYTES {
            return Err("it is too large".to_owned());
        }
        let document: Document = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let mut plan = Self::default();
        let root = document
            .prior_state
            .and_then(|state| state.values?.root_module);
        if let Some(root) = root {
            plan.add(root);
        }
        Ok(plan)
    }

    /// The data sources of a module.
    pub(super) fn sources(&self, address: &str) -> &[Source] {
        self.modules.get(address).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, module: Module) {
        let sources = module
            .resources
            .into_iter()
            .filter_map(Resource::into_source)
            .collect();
        self.modules.insert(module.address, sources);
        for child in module.child_modules {
            self.add(child);
        }
    }
}

impl Resource {
    fn into_source(self) -> Option<Source> {
        if self.mode != "data" || self.r#type.starts_with("coder_") {
            return None;
        }
        let key = match self.index {
            None | Some(serde_json::Value::Null) => None,
            Some(serde_json::Value::String(key)) => Some(Key::Name(key.into())),
            // One beyond what a render has instances would only be memory.
            Some(index) => {
                let index = index.as_u64().filter(|index| *index < INSTANCES)?;
                Some(Key::Index(index.try_into().ok()?))
            }
        };
        let value = value(self.values.unwrap_or_default(), 0);
        Some(Source {
            kind: self.r#type.into(),
            label: self.name.into(),
            key,
            value,
        })
    }
}

/// The value of a JSON document. Of a null, coderd's renderer knows nothing.
fn value(json: serde_json::Value, depth: u32) -> Value {
    use serde_json::Value as Json;
    match json {
        Json::Bool(value) => value.into(),
        Json::Number(number) => match Number::parse(&number.to_string()) {
            Ok(Some(number)) => Value::Number(number),
            _ => Value::unknown(),
        },
        Json::String(text) => text.into(),
        Json::Array(items) if depth < MAX_DEPTH => {
            Value::tuple(items.into_iter().map(|item| value(item, depth + 1)))
        }
        Json::Object(entries) if depth < MAX_DEPTH => Value::object(
            entries
                .into_iter()
                .map(|(name, json)| (name, value(json, depth + 1))),
        ),
        Json::Null | Json::Array(_) | Json::Object(_) => Value::unknown(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::parse_mutated;

    #[test]
    fn plans_that_are_changed_at_random_do_no_harm() {
        let plan = br#"{"prior_state": {"values": {"root_module": {"resources": [
            {"mode": "data", "type": "coder_workspace", "name": "me", "index": 0, "address": "data.coder_workspace.me",
             "values": {"id": "x", "n": 1.5e3, "list": [1, null, {"a": true}]}, "sensitive_values": {"id": true}}],
            "child_modules": [{"address": "module.a", "resources": [], "child_modules": []}]}}}}"#;
        parse_mutated(&[plan], |input| {
            let plan = Plan::read(&String::from_utf8_lossy(input));
            let _sources = plan.map(|plan| plan.sources("").len());
        });
    }
}

//! Differences between what is declared and what is stored, in words.
//!
//! Only describes; whether things differ is decided by comparing them. Works on their JSON forms,
//! so that a new field can't be forgotten here. Every text is quoted and escaped.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use super::content::TemplateContent;

/// Values ready to be shown, by what each is called. What is left out shows as "none".
type Fields = BTreeMap<String, String>;

/// What has changed from `old` to `new`, an entry a field.
pub(super) fn of_fields<T: Serialize>(new: &T, old: &T) -> Vec<String> {
    changes(&fields(new), &fields(old))
}

/// What has changed from `old` to `new`, an entry for each parameter, preset or set of tags.
pub(super) fn of_contents(new: &TemplateContent, old: &TemplateContent) -> Vec<String> {
    let (new, old) = (parts(new), parts(old));
    joined_keys(&new, &old)
        .filter_map(|name| match (new.get(name), old.get(name)) {
            (Some(new), Some(old)) => {
                let changes = changes(new, old);
                (!changes.is_empty()).then(|| format!("{name}: {}", changes.join(", ")))
            }
            (Some(_), None) => Some(format!("{name} added")),
            (None, _) => Some(format!("{name} removed")),
        })
        .collect()
}

fn parts(content: &TemplateContent) -> BTreeMap<String, Fields> {
    let parameters = content.parameters().iter();
    let presets = content.presets().iter();
    let tags = content.tags().iter();
    let tags = tags.map(|(key, value)| (format!("{key:?}"), format!("{value:?}")));
    parameters
        .map(|parameter| (format!("parameter {:?}", parameter.name), fields(parameter)))
        .chain(presets.map(|preset| (format!("preset {:?}", preset.name), fields(preset))))
        .chain([("tags".to_owned(), tags.collect())])
        .collect()
}

fn changes(new: &Fields, old: &Fields) -> Vec<String> {
    let value = |fields: &Fields, name| fields.get(name).map_or("none", String::as_str).to_owned();
    joined_keys(new, old)
        .filter(|name| new.get(*name) != old.get(*name))
        .map(|name| format!("{name} {} -> {}", value(old, name), value(new, name)))
        .collect()
}

/// The keys of both maps, in order, each once.
fn joined_keys<'a, V>(
    one: &'a BTreeMap<String, V>,
    other: &'a BTreeMap<String, V>,
) -> impl Iterator<Item = &'a String> {
    one.keys()
        .chain(other.keys())
        .collect::<BTreeSet<_>>()
        .into_iter()
}

/// The fields of a struct; each entry of a map in it is one of its own, such as `parameter "a"`.
fn fields(value: &impl Serialize) -> Fields {
    let mut fields = Fields::new();
    let value = serde_json::to_value(value).unwrap_or_default();
    for (key, value) in value.as_object().into_iter().flatten() {
        match (key.as_str(), value) {
            ("invalidate_after_secs", Value::Number(seconds)) => {
                let ttl = Duration::from_secs(seconds.as_u64().unwrap_or_default());
                let ttl = humantime::format_duration(ttl).to_string();
                fields.insert("ttl".to_owned(), ttl);
            }
            (_, Value::Object(entries)) => fields.extend(entries.iter().map(|(name, value)| {
                let kind = key.trim_end_matches('s');
                (format!("{kind} {name:?}"), shown(value))
            })),
            _ if is_empty(value) => {}
            _ => {
                fields.insert(label(key), shown(value));
            }
        }
    }
    fields
}

/// What a field is called in a file, in words.
fn label(field: &str) -> String {
    match field {
        "kind" => "type",
        "default_value" | "is_default" => "default",
        "display_order" => "order",
        "desired_instances" => "instances",
        "scheduling_timezone" => "timezone",
        _ => field.trim_start_matches("validation_"),
    }
    .replace('_', " ")
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Bool(flag) => if *flag { "yes" } else { "no" }.to_owned(),
        Value::String(text) => format!("{text:?}"),
        Value::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(shown).collect();
            format!("[{}]", elements.join(", "))
        }
        // An option of a parameter; most have a value only.
        Value::Object(option) => {
            let [value, name, description, icon] = ["value", "name", "description", "icon"]
                .map(|key| option.get(key).map_or_else(String::new, shown));
            if name == value && description == "\"\"" && icon == "\"\"" {
                value
            } else {
                format!("{value} ({name}, {description}, {icon})")
            }
        }
        Value::Number(_) | Value::Null => value.to_string(),
    }
}

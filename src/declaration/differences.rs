//! Differences between two contents, in words.
//!
//! Only describes; whether contents differ is decided by comparing them. Each struct is taken
//! apart by name, so that a new field can't be forgotten here, and every text is quoted and
//! escaped.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use super::content::{PresetContent, TemplateContent};
use crate::builds::parameters::{OptionDefinition, ParameterDefinition};

/// What is known about a thing: what each fact is called, and its value ready to be shown. What is
/// left out, such as an empty text, shows as "none".
#[derive(Default)]
pub(super) struct Facts(BTreeMap<String, String>);

impl Facts {
    /// Adds a text unless it is empty.
    pub(super) fn text(self, name: &str, value: &str) -> Self {
        self.shown(name, (!value.is_empty()).then(|| format!("{value:?}")))
    }

    fn number(self, name: &str, value: Option<i32>) -> Self {
        self.shown(name, value.map(|value| value.to_string()))
    }

    fn flag(self, name: &str, value: bool) -> Self {
        self.shown(name, Some(if value { "yes" } else { "no" }.to_owned()))
    }

    fn shown(mut self, name: &str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value);
        }
        self
    }

    /// What has changed from `old` to `self`, one entry a fact.
    pub(super) fn changes_from(&self, old: &Self) -> Vec<String> {
        joined_keys(&self.0, &old.0)
            .filter(|name| self.0.get(*name) != old.0.get(*name))
            .map(|name| format!("{name} {} -> {}", old.value(name), self.value(name)))
            .collect()
    }

    fn value(&self, name: &str) -> &str {
        self.0.get(name).map_or("none", String::as_str)
    }
}

/// What has changed from `old` to `new`, an entry for each parameter, preset or set of tags.
pub(super) fn differences(new: &TemplateContent, old: &TemplateContent) -> Vec<String> {
    let (new, old) = (parts(new), parts(old));
    joined_keys(&new, &old)
        .filter_map(|name| match (new.get(name), old.get(name)) {
            (Some(_), None) => Some(format!("{name} added")),
            (None, Some(_)) => Some(format!("{name} removed")),
            (Some(new), Some(old)) => {
                let changes = new.changes_from(old);
                (!changes.is_empty()).then(|| format!("{name}: {}", changes.join(", ")))
            }
            (None, None) => None,
        })
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

fn parts(content: &TemplateContent) -> BTreeMap<String, Facts> {
    let parameters = content.parameters().iter().map(|parameter| {
        (
            format!("parameter {:?}", parameter.name),
            parameter_facts(parameter),
        )
    });
    let presets = content
        .presets()
        .iter()
        .map(|preset| (format!("preset {:?}", preset.name), preset_facts(preset)));
    let tags = content
        .tags()
        .iter()
        .map(|(key, value)| (format!("{key:?}"), format!("{value:?}")));
    let tags = ("tags".to_owned(), Facts(tags.collect()));
    parameters.chain(presets).chain([tags]).collect()
}

fn parameter_facts(parameter: &ParameterDefinition) -> Facts {
    let ParameterDefinition {
        name: _,
        display_name,
        description,
        kind,
        mutable,
        default_value,
        icon,
        options,
        validation_regex,
        validation_min,
        validation_max,
        validation_error,
        validation_monotonic,
        required,
        display_order,
        ephemeral,
        form_type,
    } = parameter;
    let options: Vec<_> = options.iter().map(option_text).collect();
    Facts::default()
        .text("display name", display_name)
        .text("description", description)
        .text("type", kind)
        .flag("mutable", *mutable)
        .text("default", default_value)
        .text("icon", icon)
        .shown(
            "options",
            (!options.is_empty()).then(|| format!("[{}]", options.join(", "))),
        )
        .text("regex", validation_regex)
        .number("min", *validation_min)
        .number("max", *validation_max)
        .text("error", validation_error)
        .text("monotonic", validation_monotonic)
        .flag("required", *required)
        .number("order", Some(*display_order))
        .flag("ephemeral", *ephemeral)
        .text("form type", form_type)
}

fn option_text(option: &OptionDefinition) -> String {
    let OptionDefinition {
        name,
        description,
        value,
        icon,
    } = option;
    if name == value && description.is_empty() && icon.is_empty() {
        format!("{value:?}")
    } else {
        format!("{value:?} ({name:?}, {description:?}, {icon:?})")
    }
}

fn preset_facts(preset: &PresetContent) -> Facts {
    let PresetContent {
        name: _,
        description,
        icon,
        is_default,
        parameters,
        desired_instances,
        invalidate_after_secs,
        scheduling_timezone,
        schedules,
    } = preset;
    let ttl = invalidate_after_secs
        .and_then(|seconds| u64::try_from(seconds).ok())
        .map(|seconds| humantime::format_duration(Duration::from_secs(seconds)).to_string());
    let mut facts = Facts::default()
        .text("description", description)
        .text("icon", icon)
        .flag("default", *is_default)
        .number("instances", *desired_instances)
        .shown("ttl", ttl)
        .text("timezone", scheduling_timezone);
    for (name, value) in parameters {
        facts = facts.shown(&format!("parameter {name:?}"), Some(format!("{value:?}")));
    }
    for (cron, instances) in schedules {
        facts = facts.number(&format!("schedule {cron:?}"), Some(*instances));
    }
    facts
}

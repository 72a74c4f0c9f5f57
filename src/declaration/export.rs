//! What is stored, as a file that declares it.
//!
//! Applied to the database that it comes from, such a file changes nothing. What the format has no word
//! for, such as a preset's mark of invalidation, stays behind.

use std::collections::BTreeMap;

use serde::Serialize;

use super::content::{PresetContent, TemplateContent};
use super::parameters::default_error;
use super::state::{Stored, StoredTemplate, User};
use crate::template::{Choice, Definition};

#[derive(Serialize)]
struct File<'a> {
    organizations: Vec<Organization<'a>>,
    users: Vec<UserEntry<'a>>,
    templates: Vec<TemplateEntry<'a>>,
}

#[derive(Serialize)]
struct Organization<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct UserEntry<'a> {
    username: &'a str,
    email: Option<&'a str>,
    organizations: &'a [String],
}

#[derive(Serialize)]
struct TemplateEntry<'a> {
    organization: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    display_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    icon: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    deprecated: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<&'a str, &'a str>,
    parameters: Vec<Parameter<'a>>,
    presets: Vec<Preset<'a>>,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    display_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    mutable: bool,
    default: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    icon: &'a str,
    #[serde(skip_serializing_if = "<[Choice]>::is_empty")]
    options: &'a [Choice],
    ephemeral: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    form_type: &'a str,
    order: i64,
    validation: Validation<'a>,
}

#[derive(Serialize)]
struct Validation<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    regex: &'a str,
    min: Option<i64>,
    max: Option<i64>,
    #[serde(skip_serializing_if = "str::is_empty")]
    monotonic: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    error: &'a str,
}

#[derive(Serialize)]
struct Preset<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    icon: &'a str,
    default: bool,
    instances: Option<i32>,
    ttl: Option<i32>,
    #[serde(skip_serializing_if = "str::is_empty")]
    timezone: &'a str,
    parameters: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    schedules: Vec<Schedule<'a>>,
}

#[derive(Serialize)]
struct Schedule<'a> {
    cron: &'a str,
    instances: i32,
}

/// The text of the file.
///
/// # Errors
/// Something has no form in TOML, which is a defect.
pub(crate) fn export(stored: &Stored) -> Result<String, String> {
    let file = File {
        organizations: stored
            .organizations
            .iter()
            .map(|name| Organization { name })
            .collect(),
        users: stored.users.iter().map(user).collect(),
        templates: stored.templates.iter().filter_map(template).collect(),
    };
    toml::to_string(&file).map_err(|error| error.to_string())
}

fn user(user: &User) -> UserEntry<'_> {
    UserEntry {
        username: &user.username,
        email: user.email.as_deref(),
        organizations: &user.organizations,
    }
}

/// A template, unless it has no version that is in use.
fn template(template: &StoredTemplate) -> Option<TemplateEntry<'_>> {
    let content = template.content.as_ref()?;
    Some(TemplateEntry {
        organization: &template.reference.organization,
        name: &template.reference.name,
        display_name: &template.metadata.display_name,
        description: &template.metadata.description,
        icon: &template.metadata.icon,
        deprecated: &template.metadata.deprecated,
        tags: tags(content),
        parameters: content.parameters().iter().map(parameter).collect(),
        presets: content.presets().iter().map(preset).collect(),
    })
}

/// The tags without those that every job has.
fn tags(content: &TemplateContent) -> BTreeMap<&str, &str> {
    let tags = content.tags().iter();
    tags.map(|(key, value)| (key.as_str(), value.as_str()))
        .filter(|(key, _)| !matches!(*key, "scope" | "owner"))
        .collect()
}

fn parameter(definition: &Definition) -> Parameter<'_> {
    Parameter {
        name: &definition.name,
        display_name: &definition.display_name,
        description: &definition.description,
        kind: &definition.kind,
        mutable: definition.mutable,
        default: (!definition.required).then_some(&definition.default_value),
        icon: &definition.icon,
        options: &definition.options,
        ephemeral: definition.ephemeral,
        form_type: &definition.form_type,
        order: definition.display_order,
        validation: Validation {
            regex: &definition.validation_regex,
            min: definition.validation_min,
            max: definition.validation_max,
            monotonic: &definition.validation_monotonic,
            error: written_error(definition),
        },
    }
}

/// The error text, unless it is the one that a rule without any is given.
fn written_error(definition: &Definition) -> &str {
    let text = definition.validation_error.as_str();
    if text == default_error(definition) {
        ""
    } else {
        text
    }
}

fn preset(preset: &PresetContent) -> Preset<'_> {
    let schedules = preset.schedules.iter();
    Preset {
        name: &preset.name,
        description: &preset.description,
        icon: &preset.icon,
        default: preset.is_default,
        instances: preset.desired_instances,
        ttl: preset.invalidate_after_secs,
        timezone: &preset.scheduling_timezone,
        parameters: &preset.parameters,
        schedules: schedules
            .map(|(cron, instances)| Schedule {
                cron,
                instances: *instances,
            })
            .collect(),
    }
}

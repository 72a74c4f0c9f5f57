//! Rows of a new template version, with the columns' names as keys and ids of their own.
//!
//! Writes nothing: the statements that take these rows stand in [`super`].

use serde::Serialize;
use uuid::Uuid;

use crate::builds::parameters::ParameterDefinition;
use crate::declaration::PresetContent;

/// A parameter, with the columns' names as keys.
#[derive(Serialize)]
pub(super) struct ParameterJson<'a> {
    name: &'a str,
    description: &'a str,
    kind: &'a str,
    mutable: bool,
    default_value: &'a str,
    icon: &'a str,
    options: Vec<OptionJson<'a>>,
    validation_regex: &'a str,
    validation_min: Option<i32>,
    validation_max: Option<i32>,
    validation_error: &'a str,
    validation_monotonic: &'a str,
    required: bool,
    display_name: &'a str,
    display_order: i32,
    ephemeral: bool,
    form_type: &'a str,
}

#[derive(Serialize)]
pub(super) struct OptionJson<'a> {
    name: &'a str,
    description: &'a str,
    value: &'a str,
    icon: &'a str,
}

impl<'a> From<&'a ParameterDefinition> for ParameterJson<'a> {
    fn from(parameter: &'a ParameterDefinition) -> Self {
        Self {
            name: &parameter.name,
            description: &parameter.description,
            kind: &parameter.kind,
            mutable: parameter.mutable,
            default_value: &parameter.default_value,
            icon: &parameter.icon,
            options: parameter
                .options
                .iter()
                .map(|option| OptionJson {
                    name: &option.name,
                    description: &option.description,
                    value: &option.value,
                    icon: &option.icon,
                })
                .collect(),
            validation_regex: &parameter.validation_regex,
            validation_min: parameter.validation_min,
            validation_max: parameter.validation_max,
            validation_error: &parameter.validation_error,
            validation_monotonic: &parameter.validation_monotonic,
            required: parameter.required,
            display_name: &parameter.display_name,
            display_order: parameter.display_order,
            ephemeral: parameter.ephemeral,
            form_type: &parameter.form_type,
        }
    }
}

/// The rows of a version's presets, with ids of their own.
pub(super) struct PresetRows<'a> {
    pub presets: Vec<PresetJson<'a>>,
    pub values: Vec<PresetValueJson<'a>>,
    pub schedules: Vec<ScheduleJson<'a>>,
}

#[derive(Serialize)]
pub(super) struct PresetJson<'a> {
    id: Uuid,
    name: &'a str,
    description: &'a str,
    icon: &'a str,
    is_default: bool,
    desired_instances: Option<i32>,
    invalidate_after_secs: Option<i32>,
    scheduling_timezone: &'a str,
}

#[derive(Serialize)]
pub(super) struct PresetValueJson<'a> {
    id: Uuid,
    preset_id: Uuid,
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
pub(super) struct ScheduleJson<'a> {
    id: Uuid,
    preset_id: Uuid,
    cron_expression: &'a str,
    desired_instances: i32,
}

impl<'a> PresetRows<'a> {
    pub(super) fn new(contents: &'a [PresetContent]) -> Self {
        let mut rows = Self {
            presets: Vec::new(),
            values: Vec::new(),
            schedules: Vec::new(),
        };
        for content in contents {
            let preset_id = Uuid::new_v4();
            rows.presets.push(PresetJson {
                id: preset_id,
                name: &content.name,
                description: &content.description,
                icon: &content.icon,
                is_default: content.is_default,
                desired_instances: content.desired_instances,
                invalidate_after_secs: content.invalidate_after_secs,
                scheduling_timezone: &content.scheduling_timezone,
            });
            rows.values.extend(
                content
                    .parameters
                    .iter()
                    .map(|(name, value)| PresetValueJson {
                        id: Uuid::new_v4(),
                        preset_id,
                        name,
                        value,
                    }),
            );
            rows.schedules.extend(
                content
                    .schedules
                    .iter()
                    .map(|(cron, instances)| ScheduleJson {
                        id: Uuid::new_v4(),
                        preset_id,
                        cron_expression: cron,
                        desired_instances: *instances,
                    }),
            );
        }
        rows
    }
}

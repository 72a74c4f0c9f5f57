//! Checks of a template's parameters, and TOML values turned into the text that is stored.
//!
//! The rules for values are those of [`crate::builds::parameters`]; only what can be wrong with a rule
//! itself is decided here. A rule that is wrong is dropped from the returned definition, so that
//! one mistake doesn't show up again at every value.

use std::collections::BTreeMap;

use regex::Regex;
use toml::{Spanned, Value};

use super::file;
use super::mistakes::Mistakes;
use super::texts;
use crate::builds::parameters::{
    BOOL, DECREASING, INCREASING, LIST, MULTI_SELECT, NUMBER, OptionDefinition,
    ParameterDefinition, STRING,
};

/// The labels of the `parameter_form_type` enum, but for empty and `error`.
const FORM_TYPES: [&str; 10] = [
    "radio",
    "dropdown",
    "input",
    "textarea",
    "slider",
    "checkbox",
    "switch",
    "tag-select",
    MULTI_SELECT,
    "",
];

/// Checks the parameters of one template.
pub(super) fn definitions(
    entries: Vec<file::ParameterEntry>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<ParameterDefinition> {
    let mut seen = BTreeMap::new();
    let mut check = |entry: file::ParameterEntry| {
        texts::label(&entry.name, "parameter", mistakes);
        let key = entry.name.get_ref().clone();
        mistakes.add_if_seen(&mut seen, key, &entry.name, "parameter");
        definition(entry, mistakes)
    };
    entries.into_iter().map(&mut check).collect()
}

fn definition(mut entry: file::ParameterEntry, mistakes: &mut Mistakes<'_>) -> ParameterDefinition {
    let mut definition = ParameterDefinition {
        display_name: texts::plain(entry.display_name),
        description: texts::plain(entry.description),
        icon: texts::plain(entry.icon),
        validation_error: texts::plain(entry.validation.error.take()),
        kind: one_of(entry.kind, "type", &[STRING, NUMBER, BOOL, LIST], mistakes)
            .unwrap_or_else(|| STRING.to_owned()),
        form_type: one_of(entry.form_type, "form_type", &FORM_TYPES, mistakes).unwrap_or_default(),
        mutable: entry.mutable,
        required: entry.default.is_none(),
        display_order: entry
            .order
            .and_then(|order| integer(&order, "order", mistakes))
            .unwrap_or_default(),
        name: entry.name.into_inner(),
        ..ParameterDefinition::default()
    };
    let name = &definition.name;
    if let Some(ephemeral) = entry.ephemeral {
        definition.ephemeral = *ephemeral.get_ref();
        if definition.ephemeral && (!entry.mutable || entry.default.is_none()) {
            mistakes.add(
                ephemeral.span(),
                format!(
                    "parameter {name:?} is ephemeral, which needs mutable = true and a default to \
                     fall back to; add what is missing or remove ephemeral"
                ),
            );
        }
    }
    validation(entry.validation, &mut definition, mistakes);
    options(&entry.options, &mut definition, mistakes);
    if let Some(default) = entry.default {
        let what = format!("default of parameter {:?}", definition.name);
        definition.default_value =
            checked(&default, &definition, &what, mistakes).unwrap_or_default();
    }
    definition
}

fn validation(
    entry: file::ValidationEntry,
    definition: &mut ParameterDefinition,
    mistakes: &mut Mistakes<'_>,
) {
    let file::ValidationEntry {
        regex,
        min,
        max,
        monotonic,
        error: _,
    } = entry;
    if let Some(regex) = regex
        && suits(&regex, "regex", STRING, definition, mistakes)
    {
        if let Err(error) = Regex::new(regex.get_ref()) {
            // The library draws the pattern over several lines; the last one says what is wrong.
            let error = error.to_string();
            let reason = error
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            mistakes.add(
                regex.span(),
                format!(
                    "regex {:?} of parameter {:?} is not a regular expression ({}); correct it",
                    regex.get_ref(),
                    definition.name,
                    reason.escape_debug()
                ),
            );
        } else {
            definition.validation_regex = regex.into_inner();
        }
    }
    let mut bound = |entry: &Option<Spanned<i64>>, what| {
        let entry = entry.as_ref()?;
        suits(entry, what, NUMBER, definition, mistakes)
            .then(|| integer(entry, what, mistakes))
            .flatten()
    };
    let (low, high) = (bound(&min, "min"), bound(&max, "max"));
    (definition.validation_min, definition.validation_max) = (low, high);
    if let (Some(low), Some(high), Some(max)) = (low, high, max)
        && low > high
    {
        mistakes.add(
            max.span(),
            format!(
                "parameter {:?} has the maximum {high} below its minimum {low}, so that no value \
                 fits; raise the one or lower the other",
                definition.name
            ),
        );
        (definition.validation_min, definition.validation_max) = (None, None);
    }
    if let Some(monotonic) = monotonic
        && suits(&monotonic, "monotonic", NUMBER, definition, mistakes)
    {
        definition.validation_monotonic = one_of(
            Some(monotonic),
            "monotonic",
            &[INCREASING, DECREASING],
            mistakes,
        )
        .unwrap_or_default();
    }
}

/// Whether a rule has a meaning for the parameter's type.
fn suits<T>(
    rule: &Spanned<T>,
    what: &str,
    kind: &str,
    definition: &ParameterDefinition,
    mistakes: &mut Mistakes<'_>,
) -> bool {
    let suits = definition.kind == kind;
    if !suits {
        mistakes.add(
            rule.span(),
            format!(
                "{what} is a rule for type {kind:?}, but parameter {:?} is of type {:?}; remove \
                 the rule or change the type",
                definition.name, definition.kind
            ),
        );
    }
    suits
}

fn options(
    entries: &[Spanned<file::OptionEntry>],
    definition: &mut ParameterDefinition,
    mistakes: &mut Mistakes<'_>,
) {
    // The elements of a multi-select list are texts, though the parameter's values are lists.
    let elements = definition.kind == LIST && definition.form_type == MULTI_SELECT;
    let judge = ParameterDefinition {
        kind: if elements {
            STRING.to_owned()
        } else {
            definition.kind.clone()
        },
        ..definition.clone()
    };
    let mut options: Vec<OptionDefinition> = Vec::new();
    for spanned in entries {
        let entry = spanned.get_ref();
        let what = format!("option of parameter {:?}", definition.name);
        let Some(value) = checked_at(spanned, &entry.value, &judge, &what, mistakes) else {
            continue;
        };
        let option = OptionDefinition {
            name: entry.name.clone().unwrap_or_else(|| value.clone()),
            description: entry.description.clone(),
            icon: entry.icon.clone(),
            value,
        };
        if options
            .iter()
            .any(|other| other.value == option.value || other.name == option.name)
        {
            mistakes.add(
                spanned.span(),
                format!(
                    "parameter {:?} has another option of value {:?} or name {:?} already; remove \
                     or rename one of them",
                    definition.name, option.value, option.name
                ),
            );
        } else {
            options.push(option);
        }
    }
    definition.options = options;
}

/// The stored text of a value that fits its parameter.
pub(super) fn checked(
    value: &Spanned<Value>,
    definition: &ParameterDefinition,
    what: &str,
    mistakes: &mut Mistakes<'_>,
) -> Option<String> {
    checked_at(value, value.get_ref(), definition, what, mistakes)
}

fn checked_at<T>(
    at: &Spanned<T>,
    value: &Value,
    definition: &ParameterDefinition,
    what: &str,
    mistakes: &mut Mistakes<'_>,
) -> Option<String> {
    let text = stored(value, &definition.kind)
        .and_then(|text| definition.check_value(&text).map(|()| text));
    text.map_err(|error| mistakes.add(at.span(), format!("{what}: {error}; correct it")))
        .ok()
}

/// The text that stands for a value in the database.
///
/// A number is not taken for a text: `3.10` would silently become `3.1`.
fn stored(value: &Value, kind: &str) -> Result<String, String> {
    let form = match (value, kind) {
        (Value::String(text), _) => return Ok(text.clone()),
        (Value::Integer(number), NUMBER) => return Ok(number.to_string()),
        (Value::Float(number), NUMBER) => return Ok(number.to_string()),
        (Value::Boolean(flag), BOOL) => return Ok(flag.to_string()),
        (Value::Array(elements), LIST) if elements.iter().all(Value::is_str) => {
            return serde_json::to_string(elements).map_err(|error| error.to_string());
        }
        (_, STRING) => "stands in quotes",
        (_, NUMBER) => "is a number such as 4",
        (_, BOOL) => "is true or false",
        _ => "is a list such as [\"a\", \"b\"]",
    };
    Err(format!("a value of type {kind:?} {form}"))
}

/// A word out of a few; none when it is left out or wrong.
fn one_of(
    entry: file::Text,
    what: &str,
    words: &[&str],
    mistakes: &mut Mistakes<'_>,
) -> Option<String> {
    let entry = entry?;
    if words.contains(&entry.get_ref().as_str()) {
        return Some(entry.into_inner());
    }
    mistakes.add(
        entry.span(),
        format!(
            "{what} {:?} is none of {words:?}; choose one of these",
            entry.get_ref()
        ),
    );
    None
}

/// A number that fits its column.
fn integer(entry: &Spanned<i64>, what: &str, mistakes: &mut Mistakes<'_>) -> Option<i32> {
    let number = *entry.get_ref();
    i32::try_from(number)
        .map_err(|_| {
            mistakes.add(
                entry.span(),
                format!(
                    "{what} {number} doesn't fit; choose a number from {} to {}",
                    i32::MIN,
                    i32::MAX
                ),
            );
        })
        .ok()
}

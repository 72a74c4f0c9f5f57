//! Checks of a template's parameters, and TOML values turned into the text that is stored.
//!
//! Values are judged by [`Definition::check`], minimum and maximum even where builds don't hold them;
//! only what can be wrong with a rule itself is decided here. A wrong rule is dropped from the
//! returned definition, so that one mistake doesn't show up again at every value.

use toml::{Spanned, Value};

use super::file;
use super::mistakes::{Mistakes, Seen};
use super::texts;
use crate::template::{
    BOOL, Choice, DECREASING, Definition, INCREASING, LIST, MULTI_SELECT, NUMBER, STRING,
    form_type, regular_expression,
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

pub(super) fn definitions(
    entries: Vec<file::ParameterEntry>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<Definition> {
    let mut seen = Seen::new();
    let check = |entry: file::ParameterEntry| {
        mistakes.check_label(&entry.name, "parameter");
        let key = entry.name.get_ref().clone();
        mistakes.add_if_seen(&mut seen, key, &entry.name, "parameter");
        definition(entry, mistakes)
    };
    entries.into_iter().map(check).collect()
}

fn definition(mut entry: file::ParameterEntry, mistakes: &mut Mistakes<'_>) -> Definition {
    let kinds = [STRING, NUMBER, BOOL, LIST];
    let mut definition = Definition {
        display_name: texts::plain(entry.display_name),
        description: texts::plain(entry.description),
        icon: texts::plain(entry.icon),
        validation_error: texts::plain(entry.validation.error.take()),
        kind: one_of(entry.kind, "type", &kinds, mistakes).unwrap_or_else(|| STRING.to_owned()),
        mutable: entry.mutable,
        required: entry.default.is_none(),
        display_order: entry
            .order
            .and_then(|order| integer(&order, "order", mistakes))
            .map_or(0, i64::from),
        name: entry.name.into_inner(),
        ..Definition::default()
    };
    if let Some(ephemeral) = entry.ephemeral {
        definition.ephemeral = *ephemeral.get_ref();
        if definition.ephemeral && (!entry.mutable || entry.default.is_none()) {
            mistakes.at(&ephemeral).add(format!(
                "parameter {:?} is ephemeral, which needs mutable = true and a default to \
                 fall back to; add what is missing or remove ephemeral",
                definition.name
            ));
        }
    }
    form(
        entry.form_type,
        !entry.options.is_empty(),
        &mut definition,
        mistakes,
    );
    validation(entry.validation, &mut definition, mistakes);
    options(&entry.options, &mut definition, mistakes);
    if let Some(default) = entry.default {
        let what = format!("default of parameter {:?}", definition.name);
        let value = checked(&default, default.get_ref(), &definition, &what, mistakes);
        definition.default_value = value.unwrap_or_default();
    }
    definition
}

fn form(
    entry: file::Text,
    has_options: bool,
    definition: &mut Definition,
    mistakes: &mut Mistakes<'_>,
) {
    let Some(asked) = one_of(entry.clone(), "form_type", &FORM_TYPES, mistakes) else {
        return;
    };
    match (entry, form_type(&definition.kind, has_options, &asked)) {
        (Some(entry), Err(problem)) => mistakes.at(&entry).add(format!(
            "parameter {:?}: {problem}; choose another or leave it out",
            definition.name
        )),
        _ => definition.form_type = asked,
    }
}

fn validation(
    entry: file::ValidationEntry,
    definition: &mut Definition,
    mistakes: &mut Mistakes<'_>,
) {
    if let Some(regex) = entry.regex
        && suits(&regex, "regex", STRING, definition, mistakes)
    {
        let (pattern, name) = (regex.get_ref(), &definition.name);
        if let Err(problem) = regular_expression(pattern) {
            mistakes.at(&regex).add(format!(
                "regex {pattern:?} of parameter {name:?}: {problem}; correct it"
            ));
        } else if definition.validation_error.is_empty() {
            mistakes.at(&regex).add(format!(
                "regex {pattern:?} of parameter {name:?} has no error text, without which no build \
                 is made; add one under validation"
            ));
        } else {
            definition.validation_regex = regex.into_inner();
        }
    }
    let mut bound = |entry: Option<&Spanned<i64>>, what| {
        let entry = entry.filter(|entry| suits(entry, what, NUMBER, definition, mistakes))?;
        integer(entry, what, mistakes)
    };
    let bounds = (
        bound(entry.min.as_ref(), "min"),
        bound(entry.max.as_ref(), "max"),
    );
    if let ((Some(low), Some(high)), Some(max)) = (bounds, entry.max)
        && low > high
    {
        mistakes.at(&max).add(format!(
            "parameter {:?} has the maximum {high} below its minimum {low}, so that no value \
             fits; raise the one or lower the other",
            definition.name
        ));
    } else {
        let (low, high) = bounds;
        definition.validation_min = low.map(i64::from);
        definition.validation_max = high.map(i64::from);
    }
    if let Some(monotonic) = entry.monotonic
        && suits(&monotonic, "monotonic", NUMBER, definition, mistakes)
    {
        let rules = [INCREASING, DECREASING];
        let rule = one_of(Some(monotonic), "monotonic", &rules, mistakes);
        definition.validation_monotonic = rule.unwrap_or_default();
    }
    if definition.validation_error.is_empty() {
        default_error(definition).clone_into(&mut definition.validation_error);
    }
}

/// The text of a minimum or maximum that has none: what is stored is held only beside a text or a monotonic
/// rule. Its numbers are filled in when it is shown.
pub(super) fn default_error(definition: &Definition) -> &'static str {
    let has_bounds = (
        definition.validation_min.is_some(),
        definition.validation_max.is_some(),
    );
    match has_bounds {
        _ if !definition.validation_monotonic.is_empty() => "",
        (true, true) => "must be from {min} to {max}",
        (true, false) => "must be at least {min}",
        (false, true) => "must be at most {max}",
        (false, false) => "",
    }
}

/// Whether a rule has a meaning for the parameter's type.
fn suits<T>(
    rule: &Spanned<T>,
    what: &str,
    kind: &str,
    definition: &Definition,
    mistakes: &mut Mistakes<'_>,
) -> bool {
    let suits = definition.kind == kind;
    if !suits {
        mistakes.at(rule).add(format!(
            "{what} is a rule for type {kind:?}, but parameter {:?} is of type {:?}; remove \
             the rule or change the type",
            definition.name, definition.kind
        ));
    }
    suits
}

fn options(
    entries: &[Spanned<file::OptionEntry>],
    definition: &mut Definition,
    mistakes: &mut Mistakes<'_>,
) {
    let mut rules = definition.clone();
    // The elements of a multi-select list are texts, though the parameter's values are lists.
    if std::mem::take(&mut rules.form_type) == MULTI_SELECT && rules.kind == LIST {
        STRING.clone_into(&mut rules.kind);
    }
    let what = format!("option of parameter {:?}", definition.name);
    for spanned in entries {
        let entry = spanned.get_ref();
        let Some(value) = checked(spanned, &entry.value, &rules, &what, mistakes) else {
            continue;
        };
        let option = Choice {
            name: entry.name.clone().unwrap_or_else(|| value.clone()),
            description: entry.description.clone(),
            icon: entry.icon.clone(),
            value,
        };
        let is_same = |other: &Choice| other.value == option.value || other.name == option.name;
        if definition.options.iter().any(is_same) {
            mistakes.at(spanned).add(format!(
                "parameter {:?} has another option of value {:?} or name {:?} already; remove \
                 or rename one of them",
                definition.name, option.value, option.name
            ));
        } else {
            definition.options.push(option);
        }
    }
}

/// The stored text of a value that fits its parameter.
pub(super) fn checked<T>(
    at: &Spanned<T>,
    value: &Value,
    definition: &Definition,
    what: &str,
    mistakes: &mut Mistakes<'_>,
) -> Option<String> {
    let problem = match stored(value, &definition.kind) {
        Ok(text) => match definition.check(Some(&text)) {
            Ok(()) => return Some(text),
            Err(misfit) => format!("{what} is {text:?}: {}", misfit.with_limit),
        },
        Err(problem) => format!("{what}: {problem}"),
    };
    mistakes.at(at).add(format!("{problem}; correct it"));
    None
}

/// The text that stands for a value in the database.
///
/// A number is not taken for a text: `3.10` would silently become `3.1`.
fn stored(value: &Value, kind: &str) -> Result<String, String> {
    let form = match (value, kind) {
        (Value::String(text), _) if kind != BOOL || matches!(text.as_str(), "true" | "false") => {
            return Ok(text.clone());
        }
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
    let word = entry.get_ref();
    if words.contains(&word.as_str()) {
        return Some(entry.into_inner());
    }
    let message = format!("{what} {word:?} is none of {words:?}; choose one of these");
    mistakes.at(&entry).add(message);
    None
}

/// A number that fits its column.
fn integer(entry: &Spanned<i64>, what: &str, mistakes: &mut Mistakes<'_>) -> Option<i32> {
    let number = i32::try_from(*entry.get_ref()).ok();
    if number.is_none() {
        mistakes.at(entry).add(format!(
            "{what} {} doesn't fit; choose a number from {} to {}",
            entry.get_ref(),
            i32::MIN,
            i32::MAX
        ));
    }
    number
}

//! Checks of a template's presets: parameter values, pool size, ttl and schedules.
//!
//! Time zones, cron expressions and overlaps are judged by [`super::schedules`], values by
//! [`super::parameters`]. A preset that passes and has a pool can be built without anybody giving
//! a value.

use std::{collections::BTreeMap, time::Duration};

use toml::Spanned;

use super::file::{self, Value};
use super::mistakes::Mistakes;
use super::parameters::checked;
use super::schedules::{Place, check_schedules};
use super::{PresetContent, texts};
use crate::builds::parameters::ParameterDefinition;
use crate::model::text::quoted;

/// Shortest ttl: below an hour a pool would mostly replace itself.
const MIN_TTL: i64 = 60 * 60;
/// Longest ttl: 365 days.
const MAX_TTL: i64 = 365 * 24 * 60 * 60;

/// Checks the presets of one template.
pub(super) fn presets(
    entries: Vec<file::PresetEntry>,
    definitions: &[ParameterDefinition],
    mistakes: &mut Mistakes<'_>,
) -> Vec<PresetContent> {
    let mut seen = BTreeMap::new();
    let mut default: Option<(String, usize)> = None;
    let mut check = |entry: file::PresetEntry| {
        let name = entry.name.get_ref().clone();
        texts::label(&entry.name, "preset", mistakes);
        mistakes.add_if_seen(&mut seen, name.clone(), &entry.name, "preset");
        if let Some(flag) = entry.default.as_ref().filter(|flag| *flag.get_ref()) {
            if let Some((first, line)) = &default {
                mistakes.add(
                    flag.span(),
                    format!(
                        "preset {name:?} is the second default: preset {first:?} in line {line} \
                         is one already; keep one of them"
                    ),
                );
            } else {
                default = Some((name, mistakes.line(flag.span())));
            }
        }
        preset(entry, definitions, mistakes)
    };
    entries.into_iter().map(&mut check).collect()
}

fn preset(
    entry: file::PresetEntry,
    definitions: &[ParameterDefinition],
    mistakes: &mut Mistakes<'_>,
) -> PresetContent {
    let pool = entry.instances.is_some();
    let what = format!("preset {:?}", entry.name.get_ref());
    if !pool {
        refuse_without_pool(&entry, &what, mistakes);
    }
    let parameters = values(&entry, &what, definitions, mistakes);
    schedules(&entry, &what, mistakes);
    let desired_instances = entry
        .instances
        .map(|instances| count(&instances, &what, mistakes));
    PresetContent {
        is_default: entry.default.is_some_and(Spanned::into_inner),
        description: texts::text(
            entry.description,
            "description",
            texts::MAX_DESCRIPTION,
            mistakes,
        ),
        icon: texts::text(entry.icon, "icon", texts::MAX_ICON, mistakes),
        parameters,
        desired_instances,
        invalidate_after_secs: entry.ttl.and_then(|age| ttl(&age, &what, mistakes)),
        scheduling_timezone: entry.timezone.map_or_else(String::new, Spanned::into_inner),
        schedules: entry
            .schedules
            .into_iter()
            .map(|schedule| {
                let what = format!("{what}, schedule {:?}", schedule.cron.get_ref());
                let instances = count(&schedule.instances, &what, mistakes);
                (schedule.cron.into_inner(), instances)
            })
            .collect(),
        name: entry.name.into_inner(),
    }
}

/// Settings of a pool that isn't there are more likely a slip than a wish.
fn refuse_without_pool(entry: &file::PresetEntry, what: &str, mistakes: &mut Mistakes<'_>) {
    let settings = [
        ("ttl", entry.ttl.as_ref().map(Spanned::span)),
        ("timezone", entry.timezone.as_ref().map(Spanned::span)),
        (
            "schedules",
            entry.schedules.first().map(|schedule| schedule.cron.span()),
        ),
    ];
    for (key, at) in settings {
        if let Some(at) = at {
            mistakes.add(
                at,
                format!(
                    "{what} has {key} but no instances, so it has no pool; add instances (0 keeps \
                     the pool empty outside schedules) or remove {key}"
                ),
            );
        }
    }
}

fn values(
    entry: &file::PresetEntry,
    what: &str,
    definitions: &[ParameterDefinition],
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (key, value) in &entry.parameters {
        let name = key.get_ref();
        let Some(definition) = definitions
            .iter()
            .find(|definition| definition.name == *name)
        else {
            mistakes.add(
                key.span(),
                format!(
                    "{what} sets parameter {name:?}, which the template doesn't declare; correct \
                     the name or add it to the template's parameters (declared: {})",
                    quoted(definitions.iter().map(|definition| &definition.name))
                ),
            );
            continue;
        };
        if *value.get_ref() == Value::Text(String::new()) {
            mistakes.add(
                value.span(),
                format!(
                    "{what} sets parameter {name:?} to an empty text; give a value or remove it"
                ),
            );
            continue;
        }
        let what = format!("{what}, parameter {name:?}");
        values.extend(checked(value, definition, &what, mistakes).map(|text| (name.clone(), text)));
    }
    for definition in definitions.iter().filter(|definition| definition.required) {
        let name = &definition.name;
        let set = entry.parameters.keys().any(|key| key.get_ref() == name);
        if entry.instances.is_some() && !set {
            mistakes.add(
                entry.name.span(),
                format!(
                    "{what} has a pool but no value for parameter {name:?}, which has no default; \
                     set it under parameters, or give the parameter a default"
                ),
            );
        }
    }
    values
}

fn schedules(entry: &file::PresetEntry, what: &str, mistakes: &mut Mistakes<'_>) {
    match (&entry.timezone, entry.schedules.first()) {
        (None, None) => {}
        (Some(timezone), None) => mistakes.add(
            timezone.span(),
            format!("{what} has a timezone but no schedules; add schedules or remove it"),
        ),
        (None, Some(first)) => mistakes.add(
            first.cron.span(),
            format!("{what} has schedules but no timezone; add one such as timezone = \"UTC\""),
        ),
        (Some(timezone), Some(_)) => {
            let expressions: Vec<&str> = entry
                .schedules
                .iter()
                .map(|schedule| schedule.cron.get_ref().as_str())
                .collect();
            for (place, message) in check_schedules(timezone.get_ref(), &expressions) {
                let at = match place {
                    Place::Timezone => None,
                    Place::Schedule(index) => entry.schedules.get(index),
                };
                let at = at.map_or(timezone.span(), |schedule| schedule.cron.span());
                mistakes.add(at, format!("{what}: {message}"));
            }
        }
    }
}

/// A number of workspaces.
fn count(entry: &Spanned<i64>, what: &str, mistakes: &mut Mistakes<'_>) -> i32 {
    let number = *entry.get_ref();
    i32::try_from(number)
        .ok()
        .filter(|number| *number >= 0)
        .unwrap_or_else(|| {
            mistakes.add(
                entry.span(),
                format!(
                    "{what}: instances {number} doesn't fit; choose a number from 0 to {}",
                    i32::MAX
                ),
            );
            0
        })
}

/// An age in seconds; none when it is wrong.
fn ttl(entry: &Spanned<Value>, what: &str, mistakes: &mut Mistakes<'_>) -> Option<i32> {
    let seconds = match entry.get_ref() {
        Value::Integer(seconds) => Some(*seconds),
        Value::Text(text) => humantime::parse_duration(text).ok().and_then(whole_seconds),
        _ => None,
    };
    let Some(seconds) = seconds else {
        mistakes.add(
            entry.span(),
            format!(
                "{what}: ttl is neither a duration in whole seconds such as \"8h\" or \"1d 12h\" \
                 nor a number of seconds; write one of these"
            ),
        );
        return None;
    };
    if seconds != 0 && !(MIN_TTL..=MAX_TTL).contains(&seconds) {
        mistakes.add(
            entry.span(),
            format!(
                "{what}: a ttl of {seconds} seconds doesn't fit; choose from \"1h\" ({MIN_TTL}) to \
                 \"365d\" ({MAX_TTL}), or \"0s\" for never"
            ),
        );
        return None;
    }
    i32::try_from(seconds).ok()
}

fn whole_seconds(duration: Duration) -> Option<i64> {
    i64::try_from(duration.as_secs())
        .ok()
        .filter(|_| duration.subsec_nanos() == 0)
}

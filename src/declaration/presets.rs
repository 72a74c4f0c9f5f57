//! Checks of a template's presets: parameter values, pool size, ttl and schedules.
//!
//! Time zones, cron expressions and overlaps are judged by [`super::schedules`], values by
//! [`super::parameters`]. A preset that passes and has a pool can be built without a value given by
//! a user.

use std::collections::BTreeMap;
use std::time::Duration;

use toml::{Spanned, Value};

use super::content::PresetContent;
use super::mistakes::{Mistakes, Seen};
use super::parameters::checked;
use super::texts::{self, MAX_DESCRIPTION, MAX_ICON};
use super::{file, schedules};
use crate::model::text::quoted;
use crate::template::Definition;

/// Shortest ttl: below an hour a pool would mostly replace itself.
const MIN_TTL: i64 = 60 * 60;
/// Longest ttl: 365 days.
const MAX_TTL: i64 = 365 * 24 * 60 * 60;

pub(super) fn presets(
    entries: Vec<file::PresetEntry>,
    definitions: &[Definition],
    mistakes: &mut Mistakes<'_>,
) -> Vec<PresetContent> {
    let mut seen = Seen::new();
    let mut default: Option<(String, usize)> = None;
    let check = |entry: file::PresetEntry| {
        let name = entry.name.get_ref().clone();
        mistakes.check_label(&entry.name, "preset");
        mistakes.add_if_seen(&mut seen, name.clone(), &entry.name, "preset");
        if let Some(flag) = entry.default.as_ref().filter(|flag| *flag.get_ref()) {
            if let Some((first, line)) = &default {
                mistakes.at(flag).add(format!(
                    "preset {name:?} is the second default: preset {first:?} in line {line} \
                     is one already; keep one of them"
                ));
            } else {
                default = Some((name, mistakes.line(flag)));
            }
        }
        preset(entry, definitions, mistakes)
    };
    entries.into_iter().map(check).collect()
}

fn preset(
    entry: file::PresetEntry,
    definitions: &[Definition],
    mistakes: &mut Mistakes<'_>,
) -> PresetContent {
    let what = format!("preset {:?}", entry.name.get_ref());
    refuse_without_pool(&entry, &what, mistakes);
    check_schedules(&entry, &what, mistakes);
    let parameters = values(&entry, &what, definitions, mistakes);
    let mut schedules = BTreeMap::new();
    for schedule in entry.schedules {
        let what = format!("{what}, schedule {:?}", schedule.cron.get_ref());
        let instances = count(&schedule.instances, &what, mistakes);
        schedules.insert(schedule.cron.into_inner(), instances);
    }
    PresetContent {
        name: entry.name.into_inner(),
        description: mistakes.limited(entry.description, "description", MAX_DESCRIPTION),
        icon: mistakes.limited(entry.icon, "icon", MAX_ICON),
        is_default: entry.default.is_some_and(Spanned::into_inner),
        parameters,
        desired_instances: entry
            .instances
            .map(|instances| count(&instances, &what, mistakes)),
        invalidate_after_secs: entry.ttl.and_then(|age| ttl(&age, &what, mistakes)),
        scheduling_timezone: texts::plain(entry.timezone),
        schedules,
    }
}

/// Refuses settings of a pool where there is none: most likely `instances` was forgotten.
fn refuse_without_pool(entry: &file::PresetEntry, what: &str, mistakes: &mut Mistakes<'_>) {
    if entry.instances.is_some() {
        return;
    }
    let message = |key: &str| {
        format!(
            "{what} has {key} but no instances, so it has no pool; add instances (0 keeps \
             the pool empty outside schedules) or remove {key}"
        )
    };
    if let Some(ttl) = &entry.ttl {
        mistakes.at(ttl).add(message("ttl"));
    }
    if let Some(timezone) = &entry.timezone {
        mistakes.at(timezone).add(message("timezone"));
    }
    if let Some(first) = entry.schedules.first() {
        mistakes.at(&first.cron).add(message("schedules"));
    }
}

fn values(
    entry: &file::PresetEntry,
    what: &str,
    definitions: &[Definition],
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for (key, value) in &entry.parameters {
        let name = key.get_ref();
        if let Some(definition) = definitions.iter().find(|known| known.name == *name) {
            if value.get_ref().as_str() == Some("") {
                mistakes.at(value).add(format!(
                    "{what} sets parameter {name:?} to an empty text; give a value or remove it"
                ));
            } else {
                let what = format!("{what}, parameter {name:?}");
                let text = checked(value, value.get_ref(), definition, &what, mistakes);
                values.extend(text.map(|text| (name.clone(), text)));
            }
        } else {
            mistakes.at(key).add(format!(
                "{what} sets parameter {name:?}, which the template doesn't declare; correct \
                 the name or add it to the template's parameters (declared: {})",
                quoted(definitions.iter().map(|definition| &definition.name))
            ));
        }
    }
    for definition in definitions.iter().filter(|definition| definition.required) {
        let name = &definition.name;
        let is_set = entry.parameters.keys().any(|key| key.get_ref() == name);
        if entry.instances.is_some() && !is_set {
            mistakes.at(&entry.name).add(format!(
                "{what} has a pool but no value for parameter {name:?}, which has no default; \
                 set it under parameters, or give the parameter a default"
            ));
        }
    }
    values
}

fn check_schedules(entry: &file::PresetEntry, what: &str, mistakes: &mut Mistakes<'_>) {
    match (&entry.timezone, entry.schedules.first()) {
        (None, None) => {}
        (Some(timezone), None) => mistakes.at(timezone).add(format!(
            "{what} has a timezone but no schedules; add schedules or remove it"
        )),
        (None, Some(first)) => mistakes.at(&first.cron).add(format!(
            "{what} has schedules but no timezone; add one such as timezone = \"UTC\""
        )),
        (Some(timezone), Some(_)) => {
            if let Err(message) = schedules::check_timezone(timezone.get_ref()) {
                mistakes.at(timezone).add(format!("{what}: {message}"));
            }
            let crons = entry.schedules.iter().map(|schedule| &schedule.cron);
            let expressions: Vec<&str> =
                crons.clone().map(|cron| cron.get_ref().as_str()).collect();
            let found = schedules::check(&expressions);
            for (index, cron) in crons.enumerate() {
                if let Some(message) = found.get(&index) {
                    mistakes.at(cron).add(format!("{what}: {message}"));
                }
            }
        }
    }
}

/// A number of workspaces.
fn count(entry: &Spanned<i64>, what: &str, mistakes: &mut Mistakes<'_>) -> i32 {
    let number = *entry.get_ref();
    match i32::try_from(number) {
        Ok(number) if number >= 0 => number,
        _ => {
            mistakes.at(entry).add(format!(
                "{what}: instances {number} doesn't fit; choose a number from 0 to {}",
                i32::MAX
            ));
            0
        }
    }
}

/// An age in seconds; none when it is wrong.
fn ttl(entry: &Spanned<Value>, what: &str, mistakes: &mut Mistakes<'_>) -> Option<i32> {
    let seconds = match entry.get_ref() {
        Value::Integer(seconds) => Some(*seconds),
        Value::String(text) => humantime::parse_duration(text).ok().and_then(whole_seconds),
        _ => None,
    };
    let message = match seconds {
        Some(seconds) if seconds == 0 || (MIN_TTL..=MAX_TTL).contains(&seconds) => {
            return i32::try_from(seconds).ok();
        }
        Some(seconds) => format!(
            "{what}: a ttl of {seconds} seconds doesn't fit; choose from \"1h\" ({MIN_TTL}) to \
             \"365d\" ({MAX_TTL}), or \"0s\" for never"
        ),
        None => format!(
            "{what}: ttl is neither a duration in whole seconds such as \"8h\" or \"1d 12h\" \
             nor a number of seconds; write one of these"
        ),
    };
    mistakes.at(entry).add(message);
    None
}

fn whole_seconds(duration: Duration) -> Option<i64> {
    let seconds = i64::try_from(duration.as_secs()).ok()?;
    (duration.subsec_nanos() == 0).then_some(seconds)
}

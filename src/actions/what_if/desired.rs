//! Sets a preset's desired instances, as an edit of its template would.
//!
//! Changes `desired_instances` of presets in use and nothing else: their schedules still apply, and a
//! diagnostic says where one of them decides.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::actions::schedule;
use crate::actions::what_if::WhatIfError;
use crate::model::names::{self, Kind};
use crate::model::text::time;
use crate::model::{Diagnostic, JobStatus, Preset, PresetReference, Snapshot, Time};

const FLAG: &str = "--set-desired";

/// Other desired instances, as they were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SetDesired {
    /// Id of the preset, or its name `[[ORGANIZATION/]TEMPLATE/]NAME`.
    pub preset: String,
    /// Never negative.
    pub desired: i64,
}

/// A preset with other desired instances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DesiredSet {
    pub preset: PresetReference,
    /// Outside its schedules.
    pub desired: i64,
}

/// Finds the presets that are meant, each with its number.
///
/// # Errors
/// A name that fits no preset in use, or several, or one that another name has meant already.
pub(crate) fn resolve<'a>(
    presets: &'a [Preset],
    overrides: &[SetDesired],
) -> Result<Vec<(&'a Preset, i64)>, WhatIfError> {
    let mut seen = BTreeSet::new();
    let mut resolved = Vec::with_capacity(overrides.len());
    for SetDesired { preset, desired } in overrides {
        let preset = find(presets, preset)?;
        if !seen.insert(preset.id) {
            let name = PresetReference::from(preset).to_string();
            return Err(WhatIfError::Twice { name });
        }
        resolved.push((preset, *desired));
    }
    Ok(resolved)
}

pub(super) fn set(
    presets: &mut [Preset],
    overrides: &[SetDesired],
) -> Result<Vec<DesiredSet>, WhatIfError> {
    let resolved = resolve(presets, overrides)?.into_iter();
    let done: Vec<DesiredSet> = resolved
        .map(|(preset, desired)| DesiredSet {
            preset: preset.into(),
            desired,
        })
        .collect();
    for set in &done {
        for row in presets.iter_mut().filter(|row| row.id == set.preset.id) {
            row.desired_instances = set.desired;
        }
    }
    Ok(done)
}

/// The only preset in use that has the name.
fn find<'a>(presets: &'a [Preset], name: &str) -> Result<&'a Preset, WhatIfError> {
    let found = names::find(Kind::Preset, name, presets)?;
    let in_use: Vec<&Preset> = found.iter().copied().filter(|it| it.is_active()).collect();
    match in_use.as_slice() {
        [only] => Ok(only),
        [] => Err(WhatIfError::OutOfUse {
            value: name.to_owned(),
            fits: found
                .iter()
                .map(|preset| {
                    let path = PresetReference::from(*preset);
                    format!("{path} ({})", path.template_version_name)
                })
                .collect(),
        }),
        several => Err(names::ambiguous(Kind::Preset, name, several).into()),
    }
}

/// Numbers that could turn a back-off on or off, which only a database shows: it looks at as many of
/// the newest builds as there are desired instances.
pub(super) fn doubts(snapshot: &Snapshot, changed: &[DesiredSet]) -> Vec<String> {
    let has_failures = |id: Uuid| {
        let failed = snapshot
            .leftovers
            .iter()
            .any(|row| row.preset_id == Some(id) && row.job_status == Some(JobStatus::Failed));
        failed || snapshot.backoffs.iter().any(|row| row.preset_id == id)
    };
    changed
        .iter()
        .filter(|change| has_failures(change.preset.id))
        .map(|change| {
            format!(
                "a snapshot doesn't show whether {:?} would back off with another number: it is \
                 planned as it does now",
                change.preset.to_string()
            )
        })
        .collect()
}

/// A diagnostic for each changed preset whose number something else decides at `now`.
pub(super) fn overridden(
    snapshot: &Snapshot,
    changed: &[DesiredSet],
    now: Time,
) -> Vec<(Uuid, Diagnostic)> {
    changed
        .iter()
        .filter_map(|change| {
            let id = change.preset.id;
            let preset = snapshot.presets.iter().find(|preset| preset.id == id)?;
            let mut schedules: Vec<_> = snapshot
                .schedules
                .iter()
                .filter(|row| row.preset_id == id)
                .collect();
            schedules.sort_by_key(|row| row.id);
            let decided = schedule::desired(preset, &schedules, now);
            let scaled = preset.scaled.as_ref().filter(|it| now < it.until);
            let by = match (scaled, decided.schedule) {
                (Some(scaled), _) => format!("scale until {}", time(&scaled.until)),
                (None, Some(schedule)) => format!("schedule {}", schedule::describe(schedule)),
                (None, None) => return None,
            };
            if decided.count == change.desired {
                return None;
            }
            let message = format!(
                "{by} overrides {FLAG} at this time: {} desired, not {}",
                decided.count, change.desired
            );
            let diagnostic = Diagnostic::warning("set_desired_overridden", message);
            Some((id, diagnostic))
        })
        .collect()
}

//! Gives a preset another wanted number, as an edit of its template would.
//!
//! It touches `desired_instances` of presets in use and nothing else: their schedules still apply,
//! and where one of them decides, that is said.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::actions::schedule;
use crate::actions::what_if::{WhatIfError, sorted};
use crate::model::names::{Place, UnknownName, suggest};
use crate::model::{Diagnostic, JobStatus, Preset, PresetReference, Severity, Snapshot, Time};

const FLAG: &str = "--set-desired";

/// Another wanted number, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SetDesired {
    /// Id of the preset, or its name `[[ORGANIZATION/]TEMPLATE/]NAME`.
    pub preset: String,
    /// How many it is to want; never negative.
    pub desired: i64,
}

/// A preset that has another wanted number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DesiredSet {
    pub preset: PresetReference,
    /// How many it wants outside its schedules.
    pub desired: i64,
}

/// Sets the numbers.
pub(super) fn set(
    presets: &mut [Preset],
    wishes: &[SetDesired],
) -> Result<Vec<DesiredSet>, WhatIfError> {
    let mut seen = BTreeSet::new();
    let mut done = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let preset = find(presets, &wish.preset)?;
        let reference = PresetReference::from(&*preset);
        if !seen.insert(preset.id) {
            return Err(WhatIfError::Twice {
                flag: FLAG,
                name: reference.to_string(),
            });
        }
        preset.desired_instances = wish.desired;
        done.push(DesiredSet {
            preset: reference,
            desired: wish.desired,
        });
    }
    Ok(done)
}

/// The only preset in use that the name fits.
fn find<'a>(presets: &'a mut [Preset], name: &str) -> Result<&'a mut Preset, WhatIfError> {
    let names = |preset: &Preset| Place::from(preset).preset_names();
    let fits = |preset: &Preset| names(preset).iter().any(|it| it == name);
    let fitting: Vec<usize> = (0..presets.len()).filter(|n| fits(&presets[*n])).collect();
    let in_use: Vec<usize> = fitting
        .iter()
        .copied()
        .filter(|n| presets[*n].is_active())
        .collect();
    let path = |n: &usize| PresetReference::from(&presets[*n]).to_string();
    match in_use.as_slice() {
        [only] => Ok(&mut presets[*only]),
        [] if fitting.is_empty() => Err(WhatIfError::Unknown(UnknownName {
            flag: FLAG,
            value: name.to_owned(),
            known: suggest(name, presets.iter().filter_map(|it| names(it).pop())),
        })),
        [] => Err(WhatIfError::OutOfUse {
            value: name.to_owned(),
            fits: sorted(
                fitting
                    .iter()
                    .map(|n| format!("{} ({})", path(n), presets[*n].template_version_name)),
            ),
        }),
        several => Err(WhatIfError::Ambiguous {
            flag: FLAG,
            value: name.to_owned(),
            fits: sorted(several.iter().map(path)),
        }),
    }
}

/// Numbers that could turn a back-off on or off, which only a database tells: it looks at as many
/// of the newest builds as are wanted.
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
                "a snapshot doesn't tell whether {:?} would back off with another number: it is \
                 planned as it does now",
                change.preset.to_string()
            )
        })
        .collect()
}

/// A diagnostic for each changed preset whose number is a schedule's at `now`.
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
            let schedule = decided.schedule?;
            let diagnostic = Diagnostic {
                severity: Severity::Warning,
                code: "set_desired_overridden".to_owned(),
                message: format!(
                    "schedule {} overrides {FLAG} at this time: {} wanted, not {}",
                    schedule::describe(schedule),
                    decided.count,
                    change.desired
                ),
            };
            Some((id, diagnostic))
        })
        .collect()
}

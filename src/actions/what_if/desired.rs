//! Sets a preset's desired instances, as an edit of its template would.
//!
//! Changes `desired_instances` of presets in use and nothing else: their schedules still apply, and a
//! diagnostic says where one of them decides.

use std::collections::BTreeSet;

use uuid::Uuid;

use crate::actions::schedule;
use crate::actions::what_if::WhatIfError;
use crate::model::names::{self, Kind};
use crate::model::{Diagnostic, JobStatus, Preset, PresetReference, Severity, Snapshot, Time};

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

pub(super) fn set(
    presets: &mut [Preset],
    overrides: &[SetDesired],
) -> Result<Vec<DesiredSet>, WhatIfError> {
    let mut seen = BTreeSet::new();
    let mut done = Vec::with_capacity(overrides.len());
    for set in overrides {
        let preset = PresetReference::from(find(presets, &set.preset)?);
        if !seen.insert(preset.id) {
            return Err(WhatIfError::Twice {
                flag: FLAG,
                name: preset.to_string(),
            });
        }
        for row in presets.iter_mut().filter(|row| row.id == preset.id) {
            row.desired_instances = set.desired;
        }
        done.push(DesiredSet {
            preset,
            desired: set.desired,
        });
    }
    Ok(done)
}

/// The only preset in use that has the name.
pub(crate) fn find<'a>(presets: &'a [Preset], name: &str) -> Result<&'a Preset, WhatIfError> {
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
                    "schedule {} overrides {FLAG} at this time: {} desired, not {}",
                    schedule::describe(schedule),
                    decided.count,
                    change.desired
                ),
            };
            Some((id, diagnostic))
        })
        .collect()
}

//! The desired instances and the actions over a span of time, as [`super::plan`] gives them for each
//! of its steps.
//!
//! Pure. The snapshot stays as it is throughout: what an earlier step would have created or deleted
//! is not there in a later one. An entry says what the plans of all steps within it say. They are
//! not calculated one by one: a plan changes only where an hour begins, a workspace expires, failures
//! cease to count or a back-off ends, so every step between two such instants has the same plan.

use chrono::{Datelike as _, TimeDelta};
use chrono_tz::Tz;
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::schedule::{Calendar, Desired};
use super::state::{Rows, last_unexpired};
use super::{back_off, decide, lint, zone};
use crate::model::facts::BackoffChanges;
use crate::model::settings::Tuning;
use crate::model::{
    Backoff, Diagnostic, FormatVersion, Preset, PresetReference, Snapshot, Summary, Time, time,
};

/// The longest span: every season of a schedule occurs in it.
const LONGEST: TimeDelta = TimeDelta::days(366);

/// The steps of a timetable: `from`, and on in equal steps before `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    from: Time,
    to: Time,
    step: TimeDelta,
}

/// The timetables of all presets; its serialised form is version 1 of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Timetable {
    pub version: FormatVersion,
    #[serde(with = "time")]
    pub from: Time,
    /// The end, which is no step any more.
    #[serde(with = "time")]
    pub to: Time,
    /// Seconds from one step to the next.
    pub step_secs: i64,
    /// One for each preset of the snapshot, in the snapshot's order.
    pub presets: Vec<PresetTimetable>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PresetTimetable {
    pub preset: PresetReference,
    /// The zone of its schedules; UTC where they have none.
    #[serde(serialize_with = "zone_name")]
    pub timezone: Tz,
    /// Without gaps from the first step to the end; neighbours differ.
    pub entries: Vec<Period>,
    /// What is wrong with the preset's configuration, and what is hardly meant.
    pub diagnostics: Vec<Diagnostic>,
}

/// What the plans of neighbouring steps have in common.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Period {
    #[serde(with = "time")]
    pub from: Time,
    /// The first step of the next entry, or the end of the timetable.
    #[serde(with = "time")]
    pub until: Time,
    pub desired: i64,
    /// The schedule that gives it; null when it is the preset's own.
    pub schedule: Option<Uuid>,
    pub create: i64,
    pub delete: i64,
    pub cancel_pending: i64,
    /// Whether the preset is left alone because its builds failed lately.
    pub backoff: bool,
    /// Workspaces not created because of a block.
    pub blocked: i64,
}

impl Span {
    /// Checks a span.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub(crate) fn new(from: Time, to: Time, step: TimeDelta) -> Result<Self, String> {
        let length = to.signed_duration_since(from);
        if length <= TimeDelta::zero() {
            Err("the timetable ends before it begins; choose a later --to".to_owned())
        } else if length > LONGEST {
            let days = LONGEST.num_days();
            Err(format!(
                "the timetable would be longer than {days} days; choose an earlier --to"
            ))
        } else if to.year() > 9999 {
            Err("the timetable ends after the year 9999; choose an earlier --to".to_owned())
        } else if step <= TimeDelta::zero() || step.subsec_nanos() != 0 {
            Err("--step must be at least 1s, in whole seconds".to_owned())
        } else if step > length {
            Err("--step is longer than the timetable; choose a shorter one".to_owned())
        } else {
            Ok(Self { from, to, step })
        }
    }

    pub(crate) fn from(&self) -> Time {
        self.from
    }

    pub(crate) fn to(&self) -> Time {
        self.to
    }

    /// The first step at or after an instant, if there is one.
    fn step_at(&self, instant: Time) -> Option<Time> {
        let ahead = instant.signed_duration_since(self.from);
        // A span is short enough for nanoseconds.
        let (ahead, step) = (ahead.num_nanoseconds()?, self.step.num_nanoseconds()?);
        let steps = ahead.max(0).checked_add(step - 1)? / step;
        let time = self
            .from
            .checked_add_signed(TimeDelta::nanoseconds(steps.checked_mul(step)?))?;
        (time < self.to).then_some(time)
    }
}

pub(crate) fn timetable(
    snapshot: &Snapshot,
    changes: &BackoffChanges,
    tuning: &Tuning,
    span: &Span,
) -> Timetable {
    let presets = snapshot
        .presets
        .iter()
        .zip(Rows::by_preset(snapshot))
        .map(|(preset, rows)| {
            let changes = changes.get(&preset.id).map_or(&[][..], Vec::as_slice);
            of_preset(preset, rows, changes, tuning, span)
        })
        .collect();
    Timetable {
        version: FormatVersion,
        from: span.from,
        to: span.to,
        step_secs: span.step.num_seconds(),
        presets,
    }
}

/// The first instant after `now` and before `until` at which something else gives the number: another
/// schedule, none any more, or whatever does when the time of a scaled pool is over.
pub(crate) fn next_change(calendar: &Calendar<'_>, now: Time, until: Time) -> Option<Time> {
    if calendar.is_constant() {
        return None;
    }
    if let Some(end) = calendar.end_of_scale(now) {
        return (end < until).then_some(end);
    }
    let schedule = |at| calendar.schedule(at).map(|schedule| schedule.id);
    let current = schedule(now);
    let mut at = now;
    loop {
        at = zone::next_hour(calendar.zone(), at).filter(|at| *at < until)?;
        if schedule(at) != current {
            return Some(at);
        }
    }
}

fn of_preset<'a>(
    preset: &Preset,
    mut rows: Rows<'a>,
    changes: &'a [(Time, Option<Backoff>)],
    tuning: &Tuning,
    span: &Span,
) -> PresetTimetable {
    let calendar = Calendar::new(preset, &rows.schedules);
    let instants = instants(preset, &rows, changes, tuning);
    let mut entries: Vec<Period> = Vec::new();
    let mut diagnostics = Vec::new();
    let mut step = Some(span.from);
    while let Some(now) = step {
        let desired = calendar.desired(now);
        if let Some((_, backoff)) = changes.iter().rev().find(|(since, _)| *since <= now) {
            rows.backoff = backoff.as_ref();
        }
        add(
            &mut entries,
            entry(preset, &rows, tuning, &desired, now, span.to),
        );
        for diagnostic in desired.diagnostics {
            if !diagnostics.contains(&diagnostic) {
                diagnostics.push(diagnostic);
            }
        }
        let instant = instants
            .get(instants.partition_point(|instant| *instant <= now))
            .copied()
            .filter(|instant| *instant < span.to);
        let change = next_change(&calendar, now, instant.unwrap_or(span.to)).or(instant);
        step = change.and_then(|change| span.step_at(change));
    }
    if preset.is_active() {
        diagnostics.extend(lint::diagnostics(preset.desired_instances, &rows.schedules));
    }
    PresetTimetable {
        preset: preset.into(),
        timezone: preset.scheduling_timezone.parse().unwrap_or(Tz::UTC),
        entries,
        diagnostics,
    }
}

/// The instants, besides changes of the schedule, from which on a plan may be another, in order.
fn instants(
    preset: &Preset,
    rows: &Rows<'_>,
    changes: &[(Time, Option<Backoff>)],
    tuning: &Tuning,
) -> Vec<Time> {
    let expiries = rows
        .running
        .iter()
        .filter_map(|workspace| last_unexpired(preset, workspace));
    let backoffs = changes.iter().filter_map(|(_, backoff)| backoff.as_ref());
    let ends = backoffs
        .chain(rows.backoff)
        .filter_map(|it| back_off::end(it.num_failed, it.last_build_at, tuning));
    let moment = TimeDelta::nanoseconds(1);
    let mut instants: Vec<Time> = expiries
        .chain(ends)
        .filter_map(|last| last.checked_add_signed(moment))
        .chain(changes.iter().map(|(since, _)| *since))
        .collect();
    instants.sort_unstable();
    instants
}

fn entry(
    preset: &Preset,
    rows: &Rows<'_>,
    tuning: &Tuning,
    desired: &Desired<'_>,
    now: Time,
    until: Time,
) -> Period {
    let (state, actions) = decide(preset, rows, tuning, desired.count, now);
    let sums = Summary::of(&actions);
    Period {
        from: now,
        until,
        desired: state.desired,
        schedule: desired.schedule.map(|schedule| schedule.id),
        create: sums.create,
        delete: sums.delete,
        cancel_pending: sums.cancel_pending,
        backoff: sums.backoff > 0,
        blocked: sums.blocked,
    }
}

/// Adds an entry, or has the one before it go on when it says the same.
fn add(entries: &mut Vec<Period>, next: Period) {
    let Some(last) = entries.last_mut() else {
        return entries.push(next);
    };
    let same = Period {
        from: last.from,
        ..next.clone()
    };
    if *last != same {
        last.until = next.from;
        entries.push(next);
    }
}

fn zone_name<S: Serializer>(zone: &Tz, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(zone.name())
}

#[cfg(test)]
mod tests;

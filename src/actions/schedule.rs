//! The number of prebuilt workspaces that a preset wants at an instant.
//!
//! Pure: the instant is an argument and the host's time zone does not matter. Every way in which
//! a schedule has no effect leaves a diagnostic, and the answer is then the preset's
//! `desired_instances`, as in Coder. The answer is never negative.

use chrono_tz::Tz;

use super::cron::TimeRange;
use super::overlap::{self, Conflict};
use crate::model::{Diagnostic, Preset, Schedule, Severity, Time};

/// The wanted number, where it comes from, and what is wrong with the schedules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Desired<'a> {
    /// Wanted number, never negative.
    pub count: i64,
    /// The schedule that gives the number; none when it is the preset's own.
    pub schedule: Option<&'a Schedule>,
    /// What is wrong with the preset's configuration.
    pub diagnostics: Vec<Diagnostic>,
}

/// Calculates what an active preset wants at `now`. `schedules` are the preset's own, ordered by
/// id: the first one that contains `now` decides.
pub fn desired<'a>(preset: &Preset, schedules: &[&'a Schedule], now: Time) -> Desired<'a> {
    let (schedule, mut diagnostics) = match applicable(preset, schedules) {
        Ok((zone, ranges)) => (current(zone, &ranges, now), skipped(&ranges)),
        Err(diagnostic) => (None, vec![diagnostic]),
    };
    let count = schedule.map_or(preset.desired_instances, |schedule| {
        schedule.desired_instances
    });
    if count < 0 {
        diagnostics.push(negative(count, schedule));
    }
    Desired {
        count: count.max(0),
        schedule,
        diagnostics,
    }
}

/// A schedule and its range of times, or why that can't be read.
type Parsed<'a> = (&'a Schedule, Result<TimeRange, String>);

/// The zone and the ranges of schedules that may apply; else why none of them does.
fn applicable<'a>(
    preset: &Preset,
    schedules: &[&'a Schedule],
) -> Result<(Tz, Vec<Parsed<'a>>), Diagnostic> {
    if schedules.is_empty() {
        return Ok((Tz::UTC, Vec::new()));
    }
    let zone = time_zone(preset)?;
    let expressions: Vec<_> = schedules
        .iter()
        .map(|schedule| schedule.cron_expression.as_str())
        .collect();
    overlap::check(&expressions).map_err(|conflict| conflicting(preset, schedules, &conflict))?;
    let ranges = schedules
        .iter()
        .map(|&schedule| (schedule, TimeRange::parse(&schedule.cron_expression)))
        .collect();
    Ok((zone, ranges))
}

fn time_zone(preset: &Preset) -> Result<Tz, Diagnostic> {
    let name = preset.scheduling_timezone.as_str();
    name.parse().map_err(|_| {
        let (code, problem) = if name.is_empty() {
            (
                "timezone_missing",
                "has schedules but no time zone".to_owned(),
            )
        } else {
            (
                "timezone_unknown",
                format!("has the unknown time zone {name:?}"),
            )
        };
        error(
            code,
            format!(
                "preset {:?} {problem}, so no schedule applies and {} are wanted at all times; \
                 set scheduling_timezone to an IANA name such as \"Europe/Berlin\"",
                preset.name, preset.desired_instances
            ),
        )
    })
}

fn current<'a>(zone: Tz, ranges: &[Parsed<'a>], now: Time) -> Option<&'a Schedule> {
    let local = now.with_timezone(&zone);
    ranges
        .iter()
        .find(|(_, range)| range.as_ref().is_ok_and(|range| range.contains(&local)))
        .map(|&(schedule, _)| schedule)
}

fn skipped(ranges: &[Parsed<'_>]) -> Vec<Diagnostic> {
    ranges
        .iter()
        .filter_map(|(schedule, range)| {
            let problem = range.as_ref().err()?;
            Some(error(
                "schedule_unparsable",
                format!(
                    "schedule {} is skipped: {problem}; correct it",
                    describe(schedule)
                ),
            ))
        })
        .collect()
}

fn conflicting(preset: &Preset, schedules: &[&Schedule], conflict: &Conflict) -> Diagnostic {
    let (code, problem, remedy) = match conflict {
        Conflict::Overlap(first, second) => (
            "schedules_overlap",
            format!(
                "schedules {} and {} overlap",
                describe(schedules[*first]),
                describe(schedules[*second])
            ),
            "make them differ in months, days or hours",
        ),
        Conflict::Unparsable(position, problem) => (
            "schedule_unparsable",
            format!(
                "schedule {} can't be compared with the preset's others: {problem}",
                describe(schedules[*position])
            ),
            "write numbers and ranges only, for names and steps need a schedule of its own",
        ),
    };
    error(
        code,
        format!(
            "{problem}, so no schedule applies and {} are wanted at all times; {remedy}",
            preset.desired_instances
        ),
    )
}

fn negative(count: i64, schedule: Option<&Schedule>) -> Diagnostic {
    let place = schedule.map_or_else(
        || "the preset's desired_instances".to_owned(),
        |schedule| format!("desired_instances of schedule {}", describe(schedule)),
    );
    Diagnostic {
        severity: Severity::Warning,
        code: "negative_desired_instances".to_owned(),
        message: format!("{place} is {count} and counts as 0; set it to 0 or more"),
    }
}

fn describe(schedule: &Schedule) -> String {
    format!("{} ({:?})", schedule.id, schedule.cron_expression)
}

fn error(code: &str, message: String) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        code: code.to_owned(),
        message,
    }
}

//! A span of time as the hours that the clocks of a zone show, which is what schedules tell apart.
//!
//! An hour that the clocks skip is none of them, one that they repeat is there twice.

use chrono::{Datelike as _, Timelike as _};
use chrono_tz::Tz;

use crate::actions::schedule::Calendar;
use crate::actions::zone::next_hour;
use crate::model::Time;

/// Hours of a week.
pub(crate) const WEEK: usize = 168;

/// A change of the desired instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The first instant at which they hold.
    pub at: Time,
    /// Never negative.
    pub desired: i64,
}

/// A span of time, cut into the hours that the clocks of a zone show.
#[derive(Clone, Debug)]
pub(crate) struct Hours {
    /// When each hour begins, the first one with the span.
    starts: Vec<Time>,
}

impl Hours {
    /// Cuts the time from `from` to `to`; there are no hours where it ends before it begins.
    pub(crate) fn new(zone: Tz, from: Time, to: Time) -> Self {
        let mut starts = Vec::new();
        let mut next = Some(from);
        while let Some(start) = next.filter(|it| *it < to) {
            starts.push(start);
            next = next_hour(zone, start);
        }
        Self { starts }
    }

    /// What a preset's own number and schedules, whose zone this is, ask for.
    pub(crate) fn steps_of(&self, calendar: &Calendar<'_>) -> Vec<Step> {
        let hours = self.starts.iter();
        changes(hours.map(|&at| (at, calendar.desired(at).count)))
    }
}

/// The hour of the week that the clocks of a zone show. Hours count from Sunday midnight, as cron expressions have
/// their days.
pub(crate) fn hour_of_week(zone: Tz, at: Time) -> usize {
    let local = at.with_timezone(&zone);
    let hour = local.weekday().num_days_from_sunday() * 24 + local.hour();
    usize::try_from(hour).unwrap_or(0)
}

fn changes(desired: impl Iterator<Item = (Time, i64)>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (at, desired) in desired {
        if steps.last().is_none_or(|last| last.desired != desired) {
            steps.push(Step { at, desired });
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{at, preset, schedule};

    #[test]
    fn hours_of_the_week_are_those_that_the_clocks_show() {
        let hour = |zone, time| hour_of_week(zone, at(time));
        // A Wednesday.
        assert_eq!(hour(Tz::UTC, "2026-03-04T12:59:59Z"), 3 * 24 + 12);
        assert_eq!(hour(Tz::Europe__Berlin, "2026-03-04T23:30:00Z"), 4 * 24);
        assert_eq!(hour(Tz::Asia__Kathmandu, "2026-03-07T18:20:00Z"), 0);
    }

    #[test]
    fn steps_are_where_the_number_changes() {
        let (from, to) = (at("2026-03-04T08:30:00Z"), at("2026-03-05T00:00:00Z"));
        let hours = Hours::new(Tz::UTC, from, to);
        let mut preset = preset(1, 1);
        preset.scheduling_timezone = "UTC".to_owned();
        let schedule = schedule(2, &preset, "* 9-17 * * 1-5", 5);
        let calendar = Calendar::new(&preset, &[&schedule]);
        let step = |time: &str, desired| Step {
            at: at(time),
            desired,
        };
        let steps = [
            step("2026-03-04T08:30:00Z", 1),
            step("2026-03-04T09:00:00Z", 5),
            step("2026-03-04T18:00:00Z", 1),
        ];
        assert_eq!(hours.steps_of(&calendar), steps);
    }
}

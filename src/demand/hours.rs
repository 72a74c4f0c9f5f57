//! A span of time as the hours of a zone's week, which is what schedules tell apart.
//!
//! An hour that the clocks skip is none of them, one that they repeat is there twice. Hours of the week count
//! from Sunday midnight, as cron expressions have their days.

use chrono::{Datelike as _, TimeDelta, Timelike as _};
use chrono_tz::Tz;

use crate::actions::schedule::Calendar;
use crate::actions::zone::next_hour;
use crate::model::Time;

/// Hours of a week.
pub(crate) const WEEK: usize = 168;

/// The largest pool that is replayed: a number with too many digits is a mistake, and its members would take all
/// memory.
pub(crate) const LARGEST: i64 = 10_000;

/// The longest span that is looked at: five years.
pub(crate) const LONGEST: TimeDelta = TimeDelta::days(5 * 366);

/// A change of the desired instances.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// The first instant at which they hold.
    pub at: Time,
    /// From 0 to [`LARGEST`].
    pub desired: i64,
}

/// A span of time, cut into the hours that the clocks of a zone show.
#[derive(Clone, Debug)]
pub(crate) struct Hours {
    pub zone: Tz,
    pub from: Time,
    /// The first instant after it.
    pub to: Time,
    /// When each hour begins, the first one with the span, and its number in the week, below [`WEEK`].
    starts: Vec<(Time, usize)>,
}

impl Hours {
    /// Cuts the time from `from` to `to`; there are no hours where it ends before it begins.
    pub(crate) fn new(zone: Tz, from: Time, to: Time) -> Self {
        let mut starts = Vec::new();
        let mut next = Some(from);
        while let Some(start) = next.filter(|it| *it < to) {
            starts.push((start, hour_of_week(zone, start)));
            next = next_hour(zone, start);
        }
        Self {
            zone,
            from,
            to,
            starts,
        }
    }

    /// The part from `from` to `to`, which lie within.
    pub(crate) fn part(&self, from: Time, to: Time) -> Self {
        let first = self.starts.partition_point(|(start, _)| *start <= from);
        let last = self.starts.partition_point(|(start, _)| *start < to);
        let mut starts = self.starts[first.saturating_sub(1)..last].to_vec();
        if let Some((start, _)) = starts.first_mut() {
            *start = from;
        }
        Self {
            zone: self.zone,
            from,
            to,
            starts,
        }
    }

    /// The hour of the week at this instant, which lies within.
    pub(crate) fn at(&self, at: Time) -> usize {
        let after = self.starts.partition_point(|(start, _)| *start <= at);
        self.starts[..after].last().map_or(0, |(_, hour)| *hour)
    }

    /// The hours that begin after the first instant and no later than the second, in order of time.
    pub(crate) fn between(&self, after: Time, until: Time) -> &[(Time, usize)] {
        let first = self.starts.partition_point(|(start, _)| *start <= after);
        let last = self.starts.partition_point(|(start, _)| *start <= until);
        self.starts.get(first..last).unwrap_or_default()
    }

    /// What a preset's own number and schedules ask for in each hour of the week, in the last one.
    pub(crate) fn sizes_of(&self, calendar: &Calendar<'_>) -> [i64; WEEK] {
        let mut sizes = [0; WEEK];
        let hours = self.starts.iter().rev().take(WEEK + 1).rev();
        for &(at, hour) in hours {
            if let Some(size) = sizes.get_mut(hour) {
                *size = calendar.desired(at).count;
            }
        }
        sizes
    }

    pub(crate) fn length(&self) -> TimeDelta {
        self.to
            .signed_duration_since(self.from)
            .max(TimeDelta::zero())
    }

    /// What is desired when each hour of the week has a size of its own.
    pub(crate) fn steps(&self, sizes: &[i64; WEEK]) -> Vec<Step> {
        let hours = self.starts.iter();
        changes(hours.map(|&(at, hour)| (at, sizes.get(hour).copied().unwrap_or_default())))
    }

    /// What a preset's own number and schedules, whose zone this is, ask for.
    pub(crate) fn steps_of(&self, calendar: &Calendar<'_>) -> Vec<Step> {
        let hours = self.starts.iter();
        changes(hours.map(|&(at, _)| (at, calendar.desired(at).count)))
    }
}

/// The hour of the week that the clocks of a zone show.
pub(crate) fn hour_of_week(zone: Tz, at: Time) -> usize {
    let local = at.with_timezone(&zone);
    let hour = local.weekday().num_days_from_sunday() * 24 + local.hour();
    usize::try_from(hour).unwrap_or(0)
}

fn changes(desired: impl Iterator<Item = (Time, i64)>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for (at, desired) in desired {
        let desired = desired.min(LARGEST);
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
    fn every_instant_has_the_hour_that_the_clocks_show() {
        let hours = Hours::new(
            Tz::Europe__Berlin,
            at("2026-03-04T12:34:00Z"),
            at("2026-03-04T15:00:00Z"),
        );
        // A Wednesday, an hour ahead of UTC.
        let wednesday = 3 * 24;
        assert_eq!(hours.at(at("2026-03-04T12:59:59Z")), wednesday + 13);
        assert_eq!(hours.at(at("2026-03-04T13:00:00Z")), wednesday + 14);
        let later = hours.between(at("2026-03-04T13:00:00Z"), at("2026-03-04T14:00:00Z"));
        assert_eq!(later, [(at("2026-03-04T14:00:00Z"), wednesday + 15)]);
        assert_eq!(hours.length(), TimeDelta::minutes(146));
    }

    #[test]
    fn a_skipped_hour_is_missing_and_a_repeated_one_is_there_twice() {
        let of = |from: &str, to: &str| -> Vec<usize> {
            let hours = Hours::new(Tz::Europe__Berlin, at(from), at(to));
            hours.starts.iter().map(|(_, hour)| *hour).collect()
        };
        // Sundays.
        assert_eq!(
            of("2026-03-28T23:00:00Z", "2026-03-29T02:00:00Z"),
            [0, 1, 3]
        );
        assert_eq!(
            of("2026-10-24T22:00:00Z", "2026-10-25T02:00:00Z"),
            [0, 1, 2, 2]
        );
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
        let mut sizes = [1; WEEK];
        sizes[3 * 24 + 9..3 * 24 + 18].fill(5);
        assert_eq!(hours.steps(&sizes), steps);
        let part = hours.part(at("2026-03-04T10:20:00Z"), at("2026-03-04T18:00:00Z"));
        assert_eq!(part.steps(&sizes), [step("2026-03-04T10:20:00Z", 5)]);
    }

    #[test]
    fn no_time_has_no_hours() {
        let hours = Hours::new(
            Tz::UTC,
            at("2026-03-04T08:30:00Z"),
            at("2026-03-04T08:30:00Z"),
        );
        assert_eq!(hours.steps(&[1; WEEK]), []);
        assert_eq!(hours.length(), TimeDelta::zero());
        assert_eq!(hours.at(at("2026-03-04T08:30:00Z")), 0);
    }
}

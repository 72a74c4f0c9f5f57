//! Sizes by hour of the week as a number and schedules of Coder's form.
//!
//! The size that holds longest stands outside schedules. A schedule is a span of hours on a set of days, so that
//! no two of them overlap, by the clocks or by Coder's rule, whatever the sizes, and none is taken for a mistake: a
//! list of hours is where a range was meant.

use std::collections::BTreeMap;

use serde::Serialize;

use super::hours::WEEK;

/// A number of instances, and others at times.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Kept {
    /// Outside schedules.
    pub instances: i64,
    /// IANA name; empty without schedules.
    pub timezone: String,
    pub schedules: Vec<Line>,
}

/// A schedule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Line {
    pub cron: String,
    pub instances: i64,
}

impl Kept {
    /// These sizes by hour of the week, by the clocks of a zone.
    pub(crate) fn of(sizes: &[i64; WEEK], timezone: &str) -> Self {
        let instances = base(sizes);
        // The days on which the same span of hours has the same size.
        let mut lines: BTreeMap<(Vec<usize>, i64), Vec<usize>> = BTreeMap::new();
        for (day, of_day) in sizes.chunks(24).enumerate() {
            let mut first = 0;
            for span in of_day.chunk_by(|one, next| one == next) {
                let hours: Vec<usize> = (first..first + span.len()).collect();
                first += span.len();
                let size = span.first().copied().filter(|size| *size != instances);
                if let Some(size) = size {
                    lines.entry((hours, size)).or_default().push(day);
                }
            }
        }
        let schedules = lines.into_iter().map(|((hours, instances), days)| Line {
            cron: format!("* {} * * {}", ranges(&hours, 24), ranges(&days, 7)),
            instances,
        });
        let schedules: Vec<Line> = schedules.collect();
        let timezone = match schedules.is_empty() {
            true => String::new(),
            false => timezone.to_owned(),
        };
        Self {
            instances,
            timezone,
            schedules,
        }
    }
}

/// The size that holds longest; of several the smallest.
pub(super) fn base(sizes: &[i64; WEEK]) -> i64 {
    let mut lengths: BTreeMap<i64, usize> = BTreeMap::new();
    for size in sizes {
        *lengths.entry(*size).or_default() += 1;
    }
    let longest = lengths
        .iter()
        .max_by_key(|(size, length)| (**length, -**size));
    longest.map_or(0, |(size, _)| *size)
}

/// `1-3,5` for numbers in order; `*` for all of them.
fn ranges(numbers: &[usize], all: usize) -> String {
    if numbers.len() == all {
        return "*".to_owned();
    }
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for &number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == number => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let range = |(first, last): (usize, usize)| match last - first {
        0 => first.to_string(),
        _ => format!("{first}-{last}"),
    };
    ranges.into_iter().map(range).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::*;
    use crate::actions::overlap;
    use crate::actions::schedule::Calendar;
    use crate::actions::testing::{at, preset, schedule};
    use crate::demand::hours::Hours;

    fn line(cron: &str, instances: i64) -> Line {
        Line {
            cron: cron.to_owned(),
            instances,
        }
    }

    #[test]
    fn what_holds_longest_stands_outside_schedules() {
        assert_eq!(
            Kept::of(&[3; WEEK], "Europe/Berlin"),
            Kept {
                instances: 3,
                ..Kept::default()
            }
        );
        let mut sizes = [1; WEEK];
        for day in 1..6 {
            sizes[day * 24 + 8..day * 24 + 18].fill(5);
        }
        sizes[2 * 24 + 8] = 30;
        let kept = Kept::of(&sizes, "Europe/Berlin");
        assert_eq!((kept.instances, &*kept.timezone), (1, "Europe/Berlin"));
        let lines = [
            line("* 8 * * 2", 30),
            line("* 8-17 * * 1,3-5", 5),
            line("* 9-17 * * 2", 5),
        ];
        assert_eq!(kept.schedules, lines);
    }

    proptest! {
        #[test]
        fn the_lines_mean_the_sizes_and_never_overlap(
            by_day in prop::collection::vec(prop::collection::vec(0..4i64, 24), 7),
        ) {
            let mut sizes = [0; WEEK];
            for (hour, size) in by_day.concat().into_iter().enumerate() {
                sizes[hour] = size;
            }
            let kept = Kept::of(&sizes, "Europe/Berlin");
            let crons: Vec<&str> = kept.schedules.iter().map(|it| it.cron.as_str()).collect();
            prop_assert_eq!(overlap::check(&crons), Ok(()));
            let mut preset = preset(1, kept.instances);
            preset.scheduling_timezone = "Europe/Berlin".to_owned();
            let lines = (10..).zip(&kept.schedules);
            let schedules: Vec<_> =
                lines.map(|(id, it)| schedule(id, &preset, &it.cron, it.instances)).collect();
            let calendar = Calendar::new(&preset, &schedules.iter().collect::<Vec<_>>());
            // With both changes of the clocks.
            let (from, to) = (at("2026-03-20T00:00:00Z"), at("2026-11-01T00:00:00Z"));
            let hours = Hours::new(Tz::Europe__Berlin, from, to);
            prop_assert_eq!(hours.steps(&sizes), hours.steps_of(&calendar));
        }
    }
}

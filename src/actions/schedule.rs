//! The desired instances of a preset at an instant.
//!
//! Pure: the instant is an argument and the host's time zone does not matter. Every way in which
//! a schedule has no effect leaves a diagnostic, and the answer is then the preset's
//! `desired_instances`, as in Coder. The answer is never negative.

use chrono_tz::Tz;

use super::cron::TimeRange;
use super::overlap::{self, Conflict};
use crate::model::{Diagnostic, Preset, Scaled, Schedule, Time};

/// The desired instances, where they come from, and what is wrong with the schedules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Desired<'a> {
    /// Never negative.
    pub count: i64,
    /// The schedule that gives the number; none when it is the preset's own.
    pub schedule: Option<&'a Schedule>,
    pub diagnostics: Vec<Diagnostic>,
}

/// Calculates the desired instances at `now`. `schedules` are the preset's own, ordered by id: the
/// first one that contains `now` decides. An inactive preset has none.
pub(crate) fn desired<'a>(preset: &Preset, schedules: &[&'a Schedule], now: Time) -> Desired<'a> {
    Calendar::new(preset, schedules).desired(now)
}

/// The desired instances of a preset at any time: its schedules, read once.
#[derive(Clone, Debug)]
pub(crate) struct Calendar<'a> {
    zone: Tz,
    ranges: Vec<(&'a Schedule, TimeRange)>,
    /// Outside schedules.
    otherwise: i64,
    /// What holds for a while instead of all that.
    scaled: Option<Scaled>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Calendar<'a> {
    /// Reads the schedules of a preset, ordered by id.
    pub(crate) fn new(preset: &Preset, schedules: &[&'a Schedule]) -> Self {
        let mut calendar = Self {
            zone: Tz::UTC,
            ranges: Vec::new(),
            otherwise: 0,
            scaled: None,
            diagnostics: Vec::new(),
        };
        if !preset.is_active() {
            return calendar;
        }
        calendar.otherwise = preset.desired_instances;
        calendar.scaled.clone_from(&preset.scaled);
        match applicable(preset, schedules) {
            Err(diagnostic) => calendar.diagnostics.push(diagnostic),
            Ok(zone) => {
                calendar.zone = zone;
                for &schedule in schedules {
                    match TimeRange::parse(&schedule.cron_expression) {
                        Ok(range) => calendar.ranges.push((schedule, range)),
                        Err(problem) => calendar.diagnostics.push(skipped(schedule, &problem)),
                    }
                }
            }
        }
        calendar
    }

    /// The zone that the schedules go by.
    pub(crate) fn zone(&self) -> Tz {
        self.zone
    }

    /// Whether no schedule ever applies, so that the number is the same at all times.
    pub(crate) fn is_constant(&self) -> bool {
        self.ranges.is_empty() && self.scaled.is_none()
    }

    /// The schedule that decides at `now`, if one does.
    pub(crate) fn schedule(&self, now: Time) -> Option<&'a Schedule> {
        if self.scaled(now).is_some() {
            return None;
        }
        let local = now.with_timezone(&self.zone);
        self.ranges
            .iter()
            .find(|(_, range)| range.contains(&local))
            .map(|&(schedule, _)| schedule)
    }

    /// What holds at `now` instead of schedules and the preset's own number.
    fn scaled(&self, now: Time) -> Option<&Scaled> {
        self.scaled.as_ref().filter(|it| now < it.until)
    }

    /// Until when the number is what the pool was scaled to, if it was.
    pub(crate) fn end_of_scale(&self, now: Time) -> Option<Time> {
        self.scaled(now).map(|it| it.until)
    }

    /// The desired instances at `now`.
    pub(crate) fn desired(&self, now: Time) -> Desired<'a> {
        let schedule = self.schedule(now);
        let own = schedule.map_or(self.otherwise, |schedule| schedule.desired_instances);
        let count = self.scaled(now).map_or(own, |it| it.desired_instances);
        let mut diagnostics = self.diagnostics.clone();
        if count < 0 {
            diagnostics.push(negative(count, schedule));
        }
        Desired {
            count: count.max(0),
            schedule,
            diagnostics,
        }
    }
}

/// The zone of schedules that may apply; else why none of them does.
fn applicable(preset: &Preset, schedules: &[&Schedule]) -> Result<Tz, Diagnostic> {
    if schedules.is_empty() {
        return Ok(Tz::UTC);
    }
    let zone = time_zone(preset)?;
    let expressions: Vec<_> = schedules
        .iter()
        .map(|schedule| schedule.cron_expression.as_str())
        .collect();
    overlap::check(&expressions).map_err(|conflict| conflicting(preset, schedules, &conflict))?;
    Ok(zone)
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
        Diagnostic::error(
            code,
            format!(
                "preset {:?} {problem}, so desired_instances ({}) holds at all times; \
                 set scheduling_timezone to an IANA name such as \"Europe/Berlin\"",
                preset.name, preset.desired_instances
            ),
        )
    })
}

fn skipped(schedule: &Schedule, problem: &str) -> Diagnostic {
    Diagnostic::error(
        "schedule_unparsable",
        format!(
            "schedule {} is skipped: {problem}; correct it",
            describe(schedule)
        ),
    )
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
            "a preset with two or more schedules can use only numbers and ranges",
        ),
    };
    Diagnostic::error(
        code,
        format!(
            "{problem}, so desired_instances ({}) holds at all times; {remedy}",
            preset.desired_instances
        ),
    )
}

fn negative(count: i64, schedule: Option<&Schedule>) -> Diagnostic {
    let place = schedule.map_or_else(
        || "the preset's desired_instances".to_owned(),
        |schedule| format!("desired_instances of schedule {}", describe(schedule)),
    );
    Diagnostic::warning(
        "negative_desired_instances",
        format!("{place} is {count} and counts as 0; set it to 0 or more"),
    )
}

/// Id and expression of a schedule, for people.
pub(crate) fn describe(schedule: &Schedule) -> String {
    format!("{} ({:?})", schedule.id, schedule.cron_expression)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{at, preset, schedule};

    /// The desired instances of a preset with 1 of its own and schedules with 10, 11, ... and the
    /// codes of its diagnostics.
    fn counted(zone: &str, expressions: &[&str], now: &str) -> (i64, Vec<String>) {
        let (count, diagnostics) = explained(zone, expressions, now);
        (
            count,
            diagnostics
                .into_iter()
                .map(|diagnostic| diagnostic.code)
                .collect(),
        )
    }

    fn explained(zone: &str, expressions: &[&str], now: &str) -> (i64, Vec<Diagnostic>) {
        let mut preset = preset(1, 1);
        preset.scheduling_timezone = zone.to_owned();
        let schedules: Vec<_> = (10..)
            .zip(expressions)
            .map(|(n, cron)| schedule(n, &preset, cron, i64::try_from(n).unwrap()))
            .collect();
        let desired = desired(&preset, &schedules.iter().collect::<Vec<_>>(), at(now));
        (desired.count, desired.diagnostics)
    }

    const NONE: Vec<String> = Vec::new();

    #[test]
    fn a_range_holds_from_its_first_second_through_its_last_minute() {
        for (now, count) in [
            ("2026-03-04T08:59:59.999999Z", 1),
            ("2026-03-04T09:00:00Z", 10),
            ("2026-03-04T18:59:59.999999Z", 10),
            ("2026-03-04T19:00:00Z", 1),
            // A Saturday and a Sunday.
            ("2026-03-07T12:00:00Z", 1),
            ("2026-03-08T12:00:00Z", 1),
            ("2026-03-09T12:00:00Z", 10),
        ] {
            assert_eq!(
                counted("UTC", &["* 9-18 * * 1-5"], now),
                (count, NONE),
                "{now}"
            );
        }
    }

    #[test]
    fn without_schedules_the_time_zone_does_not_matter() {
        assert_eq!(counted("", &[], "2026-03-04T12:00:00Z"), (1, NONE));
        assert_eq!(counted("Mars/Base", &[], "2026-03-04T12:00:00Z"), (1, NONE));
    }

    #[test]
    fn without_a_known_time_zone_no_schedule_applies() {
        for (zone, code) in [
            ("", "timezone_missing"),
            ("Mars/Base", "timezone_unknown"),
            ("Local", "timezone_unknown"),
            (" UTC", "timezone_unknown"),
        ] {
            let (count, codes) = counted(zone, &["* * * * *"], "2026-03-04T12:00:00Z");
            assert_eq!((count, codes), (1, vec![code.to_owned()]));
        }
        let (_, diagnostics) = explained("\u{1b}[2J", &["* * * * *"], "2026-03-04T12:00:00Z");
        assert!(
            diagnostics[0].message.contains(r#""\u{1b}[2J""#),
            "{}",
            diagnostics[0].message
        );
        assert_eq!(diagnostics[0].severity, crate::model::Severity::Error);
    }

    #[test]
    fn the_zone_of_the_preset_decides_not_utc() {
        // 23:30 UTC on Wednesday is 08:30 on Thursday in Tokyo.
        let now = "2026-03-04T23:30:00Z";
        assert_eq!(counted("Asia/Tokyo", &["* 8 * * 4"], now), (10, NONE));
        assert_eq!(counted("UTC", &["* 8 * * 4"], now), (1, NONE));
        // A quarter of an hour off: 05:15 in Kathmandu.
        assert_eq!(counted("Asia/Kathmandu", &["* 5 5 3 *"], now), (10, NONE));
    }

    #[test]
    fn an_hour_that_summer_time_skips_never_matches_and_a_repeated_one_matches_twice() {
        let zone = "Europe/Berlin";
        for (now, count) in [
            ("2026-03-29T00:59:59Z", 1),
            ("2026-03-29T01:00:00Z", 1),
            ("2026-03-29T01:30:00Z", 1),
            ("2026-10-24T23:59:59Z", 1),
            ("2026-10-25T00:00:00Z", 10),
            ("2026-10-25T00:59:59Z", 10),
            ("2026-10-25T01:00:00Z", 10),
            ("2026-10-25T01:59:59Z", 10),
            ("2026-10-25T02:00:00Z", 1),
        ] {
            assert_eq!(counted(zone, &["* 2 * * *"], now), (count, NONE), "{now}");
        }
    }

    #[test]
    fn the_first_schedule_by_order_that_contains_the_instant_decides() {
        // The overlap rule compares days of the week only, the parser lets either day match.
        let both = ["* 9 4 * 1", "* 9 5 * 3"];
        assert_eq!(counted("UTC", &both, "2026-03-04T09:00:00Z"), (10, NONE));
        assert_eq!(counted("UTC", &both, "2026-03-11T09:00:00Z"), (11, NONE));
        assert_eq!(counted("UTC", &both, "2026-03-10T09:00:00Z"), (1, NONE));
    }

    #[test]
    fn a_single_schedule_may_use_names_and_steps_and_two_may_not() {
        let now = "2026-03-04T12:00:00Z";
        assert_eq!(counted("UTC", &["* */4 * mar wed"], now), (10, NONE));
        let (count, diagnostics) = explained("UTC", &["* 12 * * wed", "* 13 * * 4"], now);
        assert_eq!((count, diagnostics.len()), (1, 1));
        assert_eq!(diagnostics[0].code, "schedule_unparsable");
        assert_eq!(
            diagnostics[0].message,
            "schedule 00000000-0000-0000-0000-00000000000a (\"* 12 * * wed\") can't be compared \
             with the preset's others: day of week \"wed\": \"wed\" is not a number, so \
             desired_instances (1) holds at all times; a preset with two or more schedules can \
             use only numbers and ranges"
        );
    }

    #[test]
    fn overlapping_schedules_fall_back_to_the_number_of_the_preset() {
        let (count, diagnostics) = explained(
            "UTC",
            &["* 9-12 * * *", "* 12-14 * * *"],
            "2026-03-04T09:00:00Z",
        );
        assert_eq!((count, diagnostics.len()), (1, 1));
        assert_eq!(diagnostics[0].code, "schedules_overlap");
        let message = &diagnostics[0].message;
        assert!(message.contains("(\"* 9-12 * * *\") and"), "{message}");
        let end = "; make them differ in months, days or hours";
        assert!(message.ends_with(end), "{message}");
    }

    #[test]
    fn what_is_wrong_with_a_schedule_is_named_and_no_other_text_is_offered() {
        for (expression, end) in [
            ("0 9 * * *", "the minute is \"0\" and must be \"*\""),
            ("* 9-18 * * 7", "7 is above 6"),
            ("* 22-6 * * *", "22 is after 6"),
            (
                "@daily",
                "it has 1 field and needs 5 (minute, hour, day of month, month, day of week)",
            ),
            // Without its zone, the schedule would hold at other times.
            (
                "CRON_TZ=Europe/Berlin * 8-18 * * 1-5",
                "it names a time zone, but the preset's own holds for all of its schedules",
            ),
        ] {
            let (_, found) = explained("UTC", &[expression], "2026-03-04T12:00:00Z");
            let end = format!("{end}; correct it");
            assert!(found[0].message.ends_with(&end), "{}", found[0].message);
        }
    }

    #[test]
    fn a_schedule_that_does_not_parse_is_skipped_and_the_next_one_counts() {
        let now = "2026-03-04T12:00:00Z";
        let skipped = || vec!["schedule_unparsable".to_owned()];
        // Months of the first pass the overlap rule, which takes 0 for a month.
        assert_eq!(
            counted("UTC", &["* 12 * 0 *", "* 12 * 3 *"], now),
            (11, skipped())
        );
        assert_eq!(counted("UTC", &["0 9 * * *"], now), (1, skipped()));
        assert_eq!(counted("UTC", &["* 25 * * *"], now), (1, skipped()));
        assert_eq!(counted("UTC", &["* 9-18 * * 7"], now), (1, skipped()));
        assert_eq!(counted("UTC", &["@daily"], now), (1, skipped()));
        assert_eq!(
            counted("UTC", &["CRON_TZ=UTC * * * * *"], now),
            (1, skipped())
        );
    }

    #[test]
    fn a_schedule_can_want_nothing_and_a_negative_number_is_nothing_with_a_warning() {
        let mut preset = preset(1, 5);
        preset.scheduling_timezone = "UTC".to_owned();
        for (number, codes) in [(0, vec![]), (-3, vec!["negative_desired_instances"])] {
            let schedule = schedule(10, &preset, "* * * * *", number);
            let desired = desired(&preset, &[&schedule], at("2026-03-04T12:00:00Z"));
            assert_eq!((desired.count, desired.schedule), (0, Some(&schedule)));
            let found: Vec<_> = desired
                .diagnostics
                .iter()
                .map(|d| d.code.as_str())
                .collect();
            assert_eq!(found, codes);
        }
    }

    #[test]
    fn the_ends_of_time_are_no_problem_in_any_zone() {
        let mut preset = preset(1, 5);
        preset.scheduling_timezone = "Pacific/Kiritimati".to_owned();
        let schedule = schedule(10, &preset, "* * * * *", 2);
        for now in [Time::MIN_UTC, Time::MAX_UTC] {
            assert_eq!(desired(&preset, &[&schedule], now).count, 2);
        }
    }
}

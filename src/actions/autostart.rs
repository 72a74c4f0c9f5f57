//! Autostart schedules of workspaces, read exactly as coderd reads them.
//!
//! Where coderd can't read a stored one, its search for the next start (`NextAllowedAutostart`) never
//! ends: neither in the transaction that completes a build of that workspace, nor in the lifecycle
//! executor, which then serves no workspace. So what is accepted here must be read there.

use chrono::{Datelike as _, TimeDelta, Timelike as _};
use chrono_tz::Tz;

use super::cron::{Bounds, DAY_OF_WEEK, Field, HOUR, MINUTE, fields};
use crate::model::Time;

/// What coderd knows a time zone by. A space must end it: what else looks blank is part of the zone.
const ZONE: &str = "CRON_TZ=";

/// Days to look ahead: a weekly start may fall into an hour that summer time skips.
const DAYS: i64 = 15;

/// Changes of a clock, and its distance from UTC, are whole quarters of an hour.
const QUARTER: i64 = 15 * 60;

/// A schedule that was read.
struct Autostart {
    zone: Tz,
    minute: Field,
    hour: Field,
    day_of_week: Field,
}

impl Autostart {
    fn parse(schedule: &str) -> Result<Self, String> {
        if schedule.starts_with(char::is_whitespace) {
            return Err("it begins with a blank".to_owned());
        }
        let (zone, expression) = match schedule.strip_prefix(ZONE) {
            None => (Tz::UTC, schedule),
            Some(rest) => {
                let (zone, expression) = rest.split_once(' ').unwrap_or((rest, ""));
                let found = match zone {
                    // As for coderd.
                    "" => Ok(Tz::UTC),
                    zone => zone.parse(),
                };
                let found = found.map_err(|_| {
                    format!(
                        "{zone:?} is not a time zone; give one such as Europe/Berlin, then a space"
                    )
                })?;
                (found, expression)
            }
        };
        let [minute, hour, day_of_month, month, day_of_week] = fields(expression)
            .map_err(|problem| format!("{problem}; a time zone is given as {ZONE}ZONE"))?;
        for (name, text) in [("day of month", day_of_month), ("month", month)] {
            if text != "*" {
                return Err(format!("the {name} is {text:?} and must be \"*\""));
            }
        }
        let field = |text, bounds: &Bounds| {
            let field = Field::parse(text, bounds)?;
            if field.values == 0 {
                return Err(format!("the {} is {text:?}, which is never", bounds.name));
            }
            Ok(field)
        };
        Ok(Self {
            zone,
            minute: field(minute, &MINUTE)?,
            hour: field(hour, &HOUR)?,
            day_of_week: field(day_of_week, &DAY_OF_WEEK)?,
        })
    }
}

/// Checks a schedule such as `30 9 * * 1-5`, in UTC, or `CRON_TZ=Europe/Berlin 30 9,14 * * 1-5`.
///
/// # Errors
/// Says what coderd can't read, or that the schedule is never.
pub(crate) fn check(schedule: &str) -> Result<(), String> {
    Autostart::parse(schedule).map(|_| ())
}

/// The first minute after `after` at which the schedule comes round; none where it can't be read. A time
/// that summer time skips is left out, one that it repeats comes twice, as for coderd.
pub(crate) fn next(schedule: &str, after: Time) -> Option<Time> {
    let schedule = Autostart::parse(schedule).ok()?;
    let first = after.timestamp().div_euclid(QUARTER) * QUARTER;
    for quarter in 0..=DAYS * 24 * 4 {
        let begin = Time::from_timestamp(first.checked_add(quarter * QUARTER)?, 0)?;
        let local = begin.with_timezone(&schedule.zone);
        let day = local.weekday().num_days_from_sunday();
        if !schedule.day_of_week.allows(day) || !schedule.hour.allows(local.hour()) {
            continue;
        }
        for minute in 0..15 {
            let instant = begin.checked_add_signed(TimeDelta::minutes(i64::from(minute)))?;
            if instant > after && schedule.minute.allows(local.minute() + minute) {
                return Some(instant);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::at;
    use crate::model::testing::parse_mutated;

    #[test]
    fn what_coderd_reads_is_accepted() {
        for schedule in [
            "30 9 * * 1-5",
            "0 0 * * *",
            "* 9 * * *",
            "0,30 9-17/4 * * *",
            "30\t9 * * ?",
            "CRON_TZ= 30 9 * * *",
            "CRON_TZ=US/Central 59 23 * * mon,fri",
            "CRON_TZ=Europe/Berlin  5 7 * * 0 ",
        ] {
            assert_eq!(check(schedule), Ok(()), "{schedule:?}");
        }
    }

    #[test]
    fn the_next_start_is_the_first_minute_that_matches() {
        for (schedule, after, expected) in [
            (
                "30 9 * * 1-5",
                "2026-03-04T12:00:00Z",
                "2026-03-05T09:30:00Z",
            ),
            // Friday, after the start.
            (
                "30 9 * * 1-5",
                "2026-03-06T09:30:00Z",
                "2026-03-09T09:30:00Z",
            ),
            (
                "30 9 * * 1-5",
                "2026-03-06T09:29:59.9Z",
                "2026-03-06T09:30:00Z",
            ),
            ("* * * * *", "2026-03-04T12:00:30Z", "2026-03-04T12:01:00Z"),
            (
                "CRON_TZ=Asia/Kathmandu 0 9 * * *",
                "2026-03-04T00:00:00Z",
                "2026-03-04T03:15:00Z",
            ),
            // Summer time skips 02:30 on 29 March, and repeats it on 25 October.
            (
                "CRON_TZ=Europe/Berlin 30 2 * * *",
                "2026-03-28T12:00:00Z",
                "2026-03-30T00:30:00Z",
            ),
            (
                "CRON_TZ=Europe/Berlin 30 2 * * 0",
                "2026-03-28T12:00:00Z",
                "2026-04-05T00:30:00Z",
            ),
            (
                "CRON_TZ=Europe/Berlin 30 2 * * *",
                "2026-10-25T00:00:00Z",
                "2026-10-25T00:30:00Z",
            ),
            (
                "CRON_TZ=Europe/Berlin 30 2 * * *",
                "2026-10-25T00:30:00Z",
                "2026-10-25T01:30:00Z",
            ),
        ] {
            assert_eq!(
                next(schedule, at(after)),
                Some(at(expected)),
                "{schedule} after {after}"
            );
        }
        assert_eq!(next("@daily", at("2026-03-04T12:00:00Z")), None);
        assert_eq!(next("0 0 * * *", Time::MAX_UTC), None);
    }

    #[test]
    fn what_coderd_can_not_read_is_refused() {
        for schedule in [
            "",
            " ",
            "30 9 * *",
            "30 9 * * * *",
            "60 9 * * *",
            "30 24 * * *",
            "30 9 1 * *",
            "30 9 ? * *",
            "30 9 * 1 *",
            "30 9 * * 7",
            "30 9 * * ,",
            "@daily",
            " 30 9 * * *",
            "\u{a0}30 9 * * *",
            " CRON_TZ=Europe/Berlin 30 9 * * *",
            "TZ=Europe/Berlin 30 9 * * *",
            "cron_tz=Europe/Berlin 30 9 * * *",
            "CRON_TZ=Europe/Berlin\t30 9 * * *",
            "CRON_TZ=Europe/Berlin\u{a0}30 9 * * *",
            "CRON_TZ=Nowhere/Land 30 9 * * *",
            "CRON_TZ=Local 30 9 * * *",
            "CRON_TZ=Europe/Berlin",
        ] {
            assert!(check(schedule).is_err(), "{schedule:?}");
        }
    }

    #[test]
    fn schedules_that_are_changed_at_random_do_no_harm() {
        let samples: [&[u8]; 3] = [
            b"30 9 * * 1-5",
            b"CRON_TZ=Europe/Berlin 0,15 */2 * * MON,WED",
            b"@daily",
        ];
        parse_mutated(&samples, |input| {
            let _next = next(&String::from_utf8_lossy(input), at("2026-03-04T12:00:00Z"));
        });
    }
}

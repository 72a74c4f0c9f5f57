//! Autostart schedules of workspaces, read exactly as coderd reads them.
//!
//! Where coderd can't read a stored one, its search for the next start (`NextAllowedAutostart`) never
//! ends: neither in the transaction that completes a build of that workspace, nor in the lifecycle
//! executor, which then serves no workspace. So what is accepted here must be read there.

use chrono_tz::Tz;

use super::cron::{DAY_OF_WEEK, Field, HOUR, MINUTE, fields};

/// What coderd knows a time zone by. A space must end it: what else looks blank is part of the zone.
const ZONE: &str = "CRON_TZ=";

/// Checks a schedule such as `30 9 * * 1-5`, in UTC, or `CRON_TZ=Europe/Berlin 30 9,14 * * 1-5`.
///
/// # Errors
/// Says what coderd can't read, or that the schedule is never.
pub(crate) fn check(schedule: &str) -> Result<(), String> {
    if schedule.starts_with(char::is_whitespace) {
        return Err("it begins with a blank".to_owned());
    }
    let expression = match schedule.strip_prefix(ZONE) {
        None => schedule,
        Some(rest) => {
            let (zone, expression) = rest.split_once(' ').unwrap_or((rest, ""));
            // Nothing is UTC, as for coderd.
            if !zone.is_empty() && zone.parse::<Tz>().is_err() {
                return Err(format!(
                    "{zone:?} is not a time zone; give one such as Europe/Berlin, then a space"
                ));
            }
            expression
        }
    };
    let [minute, hour, day_of_month, month, day_of_week] = fields(expression)
        .map_err(|problem| format!("{problem}; a time zone is given as {ZONE}ZONE"))?;
    for (name, text) in [("day of month", day_of_month), ("month", month)] {
        if text != "*" {
            return Err(format!("the {name} is {text:?} and must be \"*\""));
        }
    }
    for (text, bounds) in [
        (minute, &MINUTE),
        (hour, &HOUR),
        (day_of_week, &DAY_OF_WEEK),
    ] {
        if Field::parse(text, bounds)?.values == 0 {
            return Err(format!("the {} is {text:?}, which is never", bounds.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
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
            let _checked = check(&String::from_utf8_lossy(input));
        });
    }
}

//! Finds schedules that mean something, but hardly what their author wished.
//!
//! Pure guesses about texts: what they find is a warning at most and decides nothing, because a
//! schedule of Mondays and Fridays can be just that. Expressions that can't be read are not looked
//! at here; these are errors of [`super::schedule`]. Every correction in a message is readable,
//! matches at some time and doesn't overlap with the preset's other schedules.

pub(crate) mod correct;

use super::cron::{self, DAY_OF_WEEK, Field, HOUR, TimeRange};
use super::overlap;
use crate::model::{Diagnostic, Schedule, Severity};

use correct::{Part, is_never, longest, replaced, values};

/// A schedule that is valid and hardly meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lint {
    /// Stable identifier in snake case.
    pub code: &'static str,
    /// What follows from the text as it is, and the text that may have been meant.
    pub message: String,
}

/// Lints the schedules of one preset, as they are named to people by `name`.
pub(crate) fn lints(expressions: &[&str], name: impl Fn(usize) -> String) -> Vec<Lint> {
    let readable: Vec<(usize, TimeRange)> = expressions
        .iter()
        .enumerate()
        .filter_map(|(n, expression)| Some((n, TimeRange::parse(expression).ok()?)))
        .collect();
    let mut found = Vec::new();
    for (n, range) in &readable {
        let subject = name(*n);
        if is_never(range) {
            found.push(never(expressions, *n, range, &subject));
        } else {
            found.extend(lists(expressions, *n, &subject));
        }
    }
    found.extend(gaps(expressions, &readable, &name));
    found
}

/// The same for stored schedules, as warnings.
pub(crate) fn diagnostics(schedules: &[&Schedule]) -> Vec<Diagnostic> {
    let expressions: Vec<&str> = schedules
        .iter()
        .map(|schedule| schedule.cron_expression.as_str())
        .collect();
    let name = |n: usize| {
        let schedule = schedules.get(n);
        schedule.map_or_else(String::new, |schedule| {
            format!("schedule {} ({:?})", schedule.id, schedule.cron_expression)
        })
    };
    let warning = |lint: Lint| Diagnostic {
        severity: Severity::Warning,
        code: lint.code.to_owned(),
        message: lint.message,
    };
    lints(&expressions, name).into_iter().map(warning).collect()
}

/// Whether the text can stand in the place of one of the expressions.
fn fits(expressions: &[&str], position: usize, text: &str) -> bool {
    let with: Vec<&str> = expressions
        .iter()
        .enumerate()
        .map(|(n, expression)| if n == position { text } else { expression })
        .collect();
    TimeRange::parse(text).is_ok_and(|range| !is_never(&range)) && overlap::check(&with).is_ok()
}

fn never(expressions: &[&str], position: usize, range: &TimeRange, subject: &str) -> Lint {
    // The last day that each of the months has in every year.
    let last = (1..=12)
        .filter(|month| range.month.allows(*month))
        .map(|month| longest(month).min(if month == 2 { 28 } else { 31 }))
        .min()
        .unwrap_or(0);
    let remedy = replaced(expressions[position], Part::DayOfMonth, &last.to_string())
        .filter(|text| fits(expressions, position, text))
        .map_or_else(
            || "; remove or correct it".to_owned(),
            |text| format!("; write {text:?}"),
        );
    Lint {
        code: "schedule_never_matches",
        message: format!("{subject} never holds: no year has such a day and hour{remedy}"),
    }
}

/// Two values that are far apart, where people mostly mean all from one to the other.
fn lists(expressions: &[&str], position: usize, subject: &str) -> Vec<Lint> {
    let expression = expressions[position];
    let Ok([_, hour, _, _, day_of_week]) = cron::fields(expression) else {
        return Vec::new();
    };
    let hours = pair(hour, &HOUR).filter(|(low, high)| high - low >= 2);
    // Two days such as Tuesday and Thursday are a habit of many teams, and 0 and 6 are the weekend.
    let days = pair(day_of_week, &DAY_OF_WEEK)
        .filter(|(low, high)| high - low >= 3 && (*low, *high) != (0, 6));
    let lint = |part, text: &str, what: &str, (low, high): (u32, u32)| {
        let corrected = replaced(expression, part, &text.replace(',', "-"))?;
        // A range that collides with another schedule can't be what was meant.
        fits(expressions, position, &corrected).then(|| Lint {
            code: "list_for_range",
            message: format!(
                "{subject} holds for {what} {low} and {high} alone, not for those between; if the \
                 range was meant, write {corrected:?}"
            ),
        })
    };
    [
        hours.and_then(|ends| lint(Part::Hour, hour, "hours", ends)),
        days.and_then(|ends| lint(Part::DayOfWeek, day_of_week, "days of the week", ends)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The values of a list of exactly two, in rising order.
fn pair(text: &str, bounds: &cron::Bounds) -> Option<(u32, u32)> {
    let (first, second) = text.split_once(',')?;
    let value = |element: &str| {
        let values = Field::parse_element(element, bounds).ok()?.values;
        let single = values.count_ones() == 1 && !element.contains(['-', '/']);
        single.then(|| values.trailing_zeros())
    };
    let ends = (value(first)?, value(second)?);
    (ends.0 < ends.1).then_some(ends)
}

/// Single hours between two schedules of the same days, midnight included, that none of the
/// preset's schedules holds.
fn gaps(
    expressions: &[&str],
    ranges: &[(usize, TimeRange)],
    name: &impl Fn(usize) -> String,
) -> Vec<Lint> {
    let covers = |hour: u32| ranges.iter().filter(move |(_, it)| it.hour.allows(hour));
    let mut found = Vec::new();
    for hour in 0..24 {
        let (before, after) = ((hour + 23) % 24, (hour + 1) % 24);
        if covers(hour).next().is_some() {
            continue;
        }
        // The two sides of a break within one schedule are hardly a mistake.
        let sides = covers(before)
            .filter(|(_, it)| !it.hour.allows(after))
            .flat_map(|earlier| covers(after).map(move |later| (earlier, later)))
            .find(|((_, a), (_, b))| !b.hour.allows(before) && share_days(a, b));
        let Some((earlier, later)) = sides else {
            continue;
        };
        // A day begins with its hour 0, so that this one belongs to the later schedule.
        let (position, range) = if hour == 0 { later } else { earlier };
        let hours = values(range.hour.values | 1 << hour);
        let Some(corrected) = replaced(expressions[*position], Part::Hour, &hours)
            .filter(|text| fits(expressions, *position, text))
        else {
            continue;
        };
        found.push(Lint {
            code: "schedule_gap",
            message: format!(
                "{} and {} leave out the hour from {hour:02}:00 to {:02}:00; if they were meant to meet, \
                 write {corrected:?} instead of {:?}",
                name(earlier.0),
                name(later.0),
                hour + 1,
                expressions[*position]
            ),
        });
    }
    found
}

fn share_days(a: &TimeRange, b: &TimeRange) -> bool {
    a.month.values & b.month.values != 0
        && a.day_of_month.values & b.day_of_month.values != 0
        && a.day_of_week.values & b.day_of_week.values != 0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(expressions: &[&str]) -> Vec<(&'static str, String)> {
        lints(expressions, |n| format!("#{n}"))
            .into_iter()
            .map(|lint| (lint.code, lint.message))
            .collect()
    }

    #[test]
    fn a_list_of_two_far_ends_is_taken_for_a_range() {
        assert_eq!(
            found(&["* 9-18 * * 1,5"]),
            [(
                "list_for_range",
                "#0 holds for days of the week 1 and 5 alone, not for those between; if the range \
                 was meant, write \"* 9-18 * * 1-5\""
                    .to_owned()
            )]
        );
        for (expression, corrected) in [
            ("* 9,17 * * *", "* 9-17 * * *"),
            ("* 9,17 * * 1-5", "* 9-17 * * 1-5"),
            ("* * * * mon,fri", "* * * * mon-fri"),
            ("* * * * 0,4", "* * * * 0-4"),
        ] {
            let found = found(&[expression]);
            assert_eq!(found.len(), 1, "{expression}");
            let end = format!("write {corrected:?}");
            assert!(found[0].1.ends_with(&end), "{expression}: {}", found[0].1);
        }
        assert_eq!(found(&["* 9,17 * * 1,5"]).len(), 2);
    }

    #[test]
    fn lists_that_people_mean_are_left_alone() {
        for expression in [
            "* * * * 0,6",
            "* * * * 6,0",
            "* * * * 2,4",
            "* * * * 1,2,5",
            "* * * * 5,1",
            "* 9,10 * * *",
            "* 9,12,17 * * *",
            "* 0-6,22 * * *",
            "* * 1,15 * *",
            "* * * 1,7 *",
        ] {
            assert_eq!(found(&[expression]), [], "{expression}");
        }
        // The days between belong to another schedule.
        assert_eq!(found(&["* 9-18 * * 1,5", "* 9-18 * * 2-4"]), []);
    }

    #[test]
    fn a_range_of_a_day_that_no_year_has_is_shown_with_the_last_day_of_the_month() {
        assert_eq!(
            found(&["* 9-18 31 2 *"]),
            [(
                "schedule_never_matches",
                "#0 never holds: no year has such a day and hour; write \"* 9-18 28 2 *\""
                    .to_owned()
            )]
        );
        assert!(found(&["* * 31 4,6 *"])[0].1.ends_with("\"* * 30 4,6 *\""));
        assert!(
            found(&["* , * * *"])[0]
                .1
                .ends_with("; remove or correct it")
        );
        assert_eq!(found(&["* * 29 2 *"]), []);
    }

    #[test]
    fn a_single_hour_that_neighbours_leave_out_is_a_gap() {
        assert_eq!(
            found(&["* 18-22 * * *", "* 0-6 * * *"]),
            [(
                "schedule_gap",
                "#0 and #1 leave out the hour from 23:00 to 24:00; if they were meant to meet, \
                 write \"* 18-23 * * *\" instead of \"* 18-22 * * *\""
                    .to_owned()
            )]
        );
        for (expressions, end) in [
            (
                ["* 18-23 * * *", "* 1-6 * * *"],
                "\"* 0-6 * * *\" instead of \"* 1-6 * * *\"",
            ),
            (
                ["* 8-18 * * 1-5", "* 0-6 * * 1-5"],
                "\"* 0-7 * * 1-5\" instead of \"* 0-6 * * 1-5\"",
            ),
        ] {
            let found = found(&expressions);
            assert_eq!(found.len(), 1, "{expressions:?}");
            assert!(found[0].1.ends_with(end), "{}", found[0].1);
        }
    }

    #[test]
    fn neighbours_of_other_days_wide_gaps_and_breaks_of_one_schedule_are_no_gaps() {
        for expressions in [
            &["* 9-12 * * 1-5", "* 14-18 * * 0,6"][..],
            &["* 0-6 * * *", "* 9-18 * * *"],
            &["* 18-23 * * *", "* 0-6 * * *"],
            &["* 9-11,13-17 * * *"],
            &["* 9-11,13-17 * * 1-5", "* 20-21 * * 1-5"],
        ] {
            assert_eq!(found(expressions), [], "{expressions:?}");
        }
    }

    proptest! {
        #[test]
        fn what_a_lint_says_to_write_is_readable_and_overlaps_with_nothing(
            texts in prop::collection::vec((
                prop::sample::select(vec!["*", "0-6", "7-12", "8-17", "9,17", "18-22", "18-23", "1-6"]),
                prop::sample::select(vec!["*", "*", "*", "31", "30,31", "1-15"]),
                prop::sample::select(vec!["*", "*", "2", "4,6"]),
                prop::sample::select(vec!["*", "1-5", "1,5", "0,6"]),
            ), 1..4),
        ) {
            let texts: Vec<String> = texts
                .iter()
                .map(|(hour, date, month, day)| format!("* {hour} {date} {month} {day}"))
                .collect();
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            for (_, message) in found(&texts) {
                let Some((_, rest)) = message.split_once("write \"") else { continue };
                let written = rest.split('"').next().unwrap();
                let has_place = (0..texts.len()).any(|n| fits(&texts, n, written));
                prop_assert!(has_place, "{texts:?}: {message}");
            }
        }
    }
}

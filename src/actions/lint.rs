//! Lints schedules: finds those that mean something, but hardly what their author intended.
//!
//! A lint is a warning at most and decides nothing, because a schedule of Mondays and Fridays can be
//! just that. It names the mistake and offers no other text: what the author meant is not in the
//! schedule. Expressions that can't be read are errors of [`super::schedule`], not lints.

use super::cron::{self, DAY_OF_WEEK, Field, HOUR, TimeRange};
use super::overlap;
use crate::model::{Diagnostic, Schedule, Severity};

/// A schedule that is valid and hardly meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lint {
    /// Stable identifier in snake case.
    pub code: &'static str,
    /// What follows from the text as it is.
    pub message: String,
}

/// Lints the schedules of one preset; messages call the schedule at a position `name`.
pub(crate) fn lints(expressions: &[&str], name: impl Fn(usize) -> String) -> Vec<Lint> {
    let ranges: Vec<(usize, TimeRange)> = expressions
        .iter()
        .enumerate()
        .filter_map(|(n, expression)| Some((n, TimeRange::parse(expression).ok()?)))
        .collect();
    // Schedules in conflict don't apply at all, which is an error already.
    let apply = overlap::check(expressions).is_ok();
    let mut found = Vec::new();
    for (n, range) in &ranges {
        if is_never(range) {
            found.push(Lint {
                code: "schedule_never_matches",
                message: format!(
                    "{} never holds: no year has such a day and hour; remove or correct it",
                    name(*n)
                ),
            });
        } else if apply {
            let others = ranges.iter().filter(|(other, _)| other != n);
            let others: Vec<&TimeRange> = others.map(|(_, range)| range).collect();
            found.extend(lists(expressions[*n], *range, &others, &name(*n)));
        }
    }
    if apply {
        found.extend(gaps(&ranges, &name));
    }
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

/// Two values that are far apart, where people mostly mean all from one to the other.
fn lists(expression: &str, range: TimeRange, others: &[&TimeRange], subject: &str) -> Vec<Lint> {
    let Ok([_, hour, _, _, day_of_week]) = cron::fields(expression) else {
        return Vec::new();
    };
    let hours = pair(hour, &HOUR).filter(|(low, high)| high - low >= 2);
    // Two days such as Tuesday and Thursday are a habit of many teams, and 0 and 6 are the weekend.
    let days = pair(day_of_week, &DAY_OF_WEEK)
        .filter(|(low, high)| high - low >= 3 && (*low, *high) != (0, 6));
    let lint = |what: &str, (low, high): (u32, u32), field: fn(&mut TimeRange) -> &mut Field| {
        let mut meant = range;
        field(&mut meant).values |= (low..=high).fold(0, |values, value| values | 1 << value);
        // Where another schedule holds in between, the range can't be meant.
        (!others.iter().any(|other| meet(&meant, other))).then(|| Lint {
            code: "list_for_range",
            message: format!(
                "{subject} holds for {what} {low} and {high} alone, not for those between; a range \
                 is written with a hyphen"
            ),
        })
    };
    [
        hours.and_then(|ends| lint("hours", ends, |range| &mut range.hour)),
        days.and_then(|ends| lint("days of the week", ends, |range| &mut range.day_of_week)),
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
fn gaps(ranges: &[(usize, TimeRange)], name: &impl Fn(usize) -> String) -> Vec<Lint> {
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
        if let Some(((earlier, _), (later, _))) = sides {
            found.push(Lint {
                code: "schedule_gap",
                message: format!(
                    "{} and {} don't meet: they leave out the hour from {hour:02}:00 to {:02}:00",
                    name(*earlier),
                    name(*later),
                    hour + 1,
                ),
            });
        }
    }
    found
}

fn meet(a: &TimeRange, b: &TimeRange) -> bool {
    share_days(a, b) && a.hour.values & b.hour.values != 0
}

fn share_days(a: &TimeRange, b: &TimeRange) -> bool {
    a.month.values & b.month.values != 0
        && a.day_of_month.values & b.day_of_month.values != 0
        && a.day_of_week.values & b.day_of_week.values != 0
}

/// Whether no day of any year, leap years included, has an hour that matches.
fn is_never(range: &TimeRange) -> bool {
    let longest = |month| match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let has_date = (1..=12)
        .filter(|month| range.month.allows(*month))
        .any(|month| (1..=longest(month)).any(|day| range.day_of_month.allows(day)));
    let has_weekday = range.month.values != 0 && range.day_of_week.values != 0;
    let has_day = if range.day_of_month.star || range.day_of_week.star {
        has_date && has_weekday
    } else {
        has_date || has_weekday
    };
    range.hour.values == 0 || !has_day
}

#[cfg(test)]
mod tests {
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
                "#0 holds for days of the week 1 and 5 alone, not for those between; a range is \
                 written with a hyphen"
                    .to_owned()
            )]
        );
        for (expression, part) in [
            ("* 9,17 * * *", "hours 9 and 17"),
            ("* 9,17 * * 1-5", "hours 9 and 17"),
            ("* * * * mon,fri", "days of the week 1 and 5"),
            ("* * * * 0,4", "days of the week 0 and 4"),
        ] {
            let found = found(&[expression]);
            assert_eq!(found.len(), 1, "{expression}");
            assert!(found[0].1.contains(part), "{expression}: {}", found[0].1);
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
    fn a_range_of_a_day_that_no_year_has_never_holds() {
        for (expression, never) in [
            ("* 9-18 31 2 *", true),
            ("* * 30,31 2 *", true),
            ("* * 31 4,6 *", true),
            ("* , * * *", true),
            ("* * * , *", true),
            ("* * 29 2 *", false),
            ("* * 31 2,3 *", false),
            // Either kind of day will do when both are restricted.
            ("* * 31 2 1", false),
            ("* * 31 2 ,", true),
            ("* * * * *", false),
        ] {
            let expected = never.then(|| {
                let message =
                    "#0 never holds: no year has such a day and hour; remove or correct it";
                ("schedule_never_matches", message.to_owned())
            });
            assert_eq!(
                found(&[expression]),
                Vec::from_iter(expected),
                "{expression}"
            );
        }
    }

    #[test]
    fn a_single_hour_that_neighbours_leave_out_is_a_gap() {
        for (expressions, hour) in [
            (["* 18-22 * * *", "* 0-6 * * *"], "23:00 to 24:00"),
            (["* 18-23 * * *", "* 1-6 * * *"], "00:00 to 01:00"),
            (["* 8-18 * * 1-5", "* 20-22 * * 1-5"], "19:00 to 20:00"),
        ] {
            let message = format!("#0 and #1 don't meet: they leave out the hour from {hour}");
            assert_eq!(found(&expressions), [("schedule_gap", message)]);
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

    #[test]
    fn schedules_in_conflict_have_no_lints_but_for_days_that_never_come() {
        let never = "schedule_never_matches";
        let found = found(&["* 9,17 * * *", "* 9 31 2 *", "* 12 * * mon"]);
        assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), [never]);
    }
}

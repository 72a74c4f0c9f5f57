//! Lints schedules: finds those that mean something, but hardly what their author intended.
//!
//! A lint is a warning at most and decides nothing, because a schedule of Mondays and Fridays can be
//! just that. It names the mistake and offers no other text: what the author meant is not in the
//! schedule. Expressions that can't be read are errors of [`super::schedule`], not lints.

use super::cron::{self, DAY_OF_WEEK, Field, HOUR, TimeRange};
use super::overlap;
use crate::model::{Diagnostic, Schedule};

/// A schedule that is valid and hardly meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lint {
    /// Stable identifier in snake case.
    pub code: &'static str,
    /// What follows from the text as it is.
    pub message: String,
}

/// Lints the schedules of one preset, each with its number, in the order in which they decide. `base`
/// is the number outside schedules; messages call the schedule at a position `name`.
pub(crate) fn lints(
    base: i64,
    schedules: &[(&str, i64)],
    name: impl Fn(usize) -> String,
) -> Vec<Lint> {
    let (expressions, numbers): (Vec<&str>, Vec<i64>) = schedules.iter().copied().unzip();
    let ranges: Vec<(usize, TimeRange)> = expressions
        .iter()
        .enumerate()
        .filter_map(|(n, expression)| Some((n, TimeRange::parse(expression).ok()?)))
        .collect();
    // Schedules in conflict don't apply at all, which is an error already.
    let apply = overlap::check(&expressions).is_ok();
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
            found.extend(either_day(expressions[*n], range, &name(*n)));
            if numbers[*n] == base && !others.iter().any(|other| meet(range, other)) {
                found.push(Lint {
                    code: "schedule_without_effect",
                    message: format!(
                        "{} asks for {base}, the number outside schedules: it has no effect",
                        name(*n)
                    ),
                });
            }
        }
    }
    if apply {
        found.extend(gaps(&ranges, &name));
        found.extend(both_hold(&ranges, &name));
        let lower = ranges.iter().filter(|(n, _)| numbers[*n] < base);
        found.extend(lower.filter_map(|(n, range)| night(range, &ranges, base, &name(*n))));
    }
    found
}

/// The same for stored schedules, as warnings.
pub(crate) fn diagnostics(base: i64, schedules: &[&Schedule]) -> Vec<Diagnostic> {
    let numbered: Vec<(&str, i64)> = schedules
        .iter()
        .map(|schedule| {
            (
                schedule.cron_expression.as_str(),
                schedule.desired_instances,
            )
        })
        .collect();
    let name = |n: usize| {
        let schedule = schedules.get(n);
        schedule.map_or_else(String::new, |schedule| {
            format!("schedule {} ({:?})", schedule.id, schedule.cron_expression)
        })
    };
    let warning = |lint: Lint| Diagnostic::warning(lint.code, lint.message);
    lints(base, &numbered, name)
        .into_iter()
        .map(warning)
        .collect()
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

/// A schedule that is meant for days of the month that are certain days of the week, and holds for all
/// of either.
fn either_day(expression: &str, range: &TimeRange, subject: &str) -> Option<Lint> {
    if range.day_of_month.star || range.day_of_week.star {
        return None;
    }
    let [_, _, day_of_month, _, day_of_week] = cron::fields(expression).ok()?;
    Some(Lint {
        code: "days_either",
        message: format!(
            "{subject} holds on all days of the month {day_of_month} and on all days of the week \
             {day_of_week}: where both are given, either is enough"
        ),
    })
}

/// Pairs that hold at the same time although Coder's validator, which compares the fields one by one,
/// lets them pass.
fn both_hold(ranges: &[(usize, TimeRange)], name: &impl Fn(usize) -> String) -> Vec<Lint> {
    let mut found = Vec::new();
    for (at, (first, a)) in ranges.iter().enumerate() {
        for (second, _) in ranges[at + 1..].iter().filter(|(_, b)| meet(a, b)) {
            let (first, second) = (name(*first), name(*second));
            found.push(Lint {
                code: "schedules_both_hold",
                message: format!(
                    "{first} and {second} both hold at times; {first} decides then, since its id comes first"
                ),
            });
        }
    }
    found
}

/// A schedule that lowers the number in the evening, after which it rises again at midnight.
fn night(
    range: &TimeRange,
    ranges: &[(usize, TimeRange)],
    base: i64,
    subject: &str,
) -> Option<Lint> {
    let hours = ranges
        .iter()
        .fold(0, |hours, (_, it)| hours | it.hour.values);
    let morning = hours.trailing_zeros();
    // An hour alone is a gap.
    (range.hour.allows(23) && morning > 1).then(|| Lint {
        code: "schedule_night",
        message: format!(
            "{subject} ends at midnight: from 00:00 to {morning:02}:00 the number outside schedules, {base}, \
             holds again; where the night is meant as well, its hours are 0-{} of the days after",
            morning - 1
        ),
    })
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

/// Whether a day of some year, leap years included, belongs to both. Every date falls on every day of
/// the week in some year.
fn share_days(a: &TimeRange, b: &TimeRange) -> bool {
    let longest = |month| match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let days = (1..=12)
        .filter(|month| a.month.allows(*month) && b.month.allows(*month))
        .map(longest)
        .max();
    (1..=days.unwrap_or(0)).any(|day| {
        (0..7).any(|weekday| a.contains_day(day, weekday) && b.contains_day(day, weekday))
    })
}

/// Whether no day of any year has an hour that matches.
fn is_never(range: &TimeRange) -> bool {
    !meet(range, range)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(expressions: &[&str]) -> Vec<(&'static str, String)> {
        // Numbers of which none is another's, nor lower than the one outside schedules.
        let schedules: Vec<(&str, i64)> = expressions.iter().copied().zip(1..).collect();
        linted(0, &schedules)
    }

    fn linted(base: i64, schedules: &[(&str, i64)]) -> Vec<(&'static str, String)> {
        lints(base, schedules, |n| format!("#{n}"))
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
            let mut found = found(&[expression]);
            found.retain(|(code, _)| *code != "days_either");
            assert_eq!(found, Vec::from_iter(expected), "{expression}");
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
    fn days_of_the_month_and_of_the_week_together_are_either() {
        let message = "#0 holds on all days of the month 16-31 and on all days of the week 1-5: where \
                       both are given, either is enough";
        let expected = ("days_either", message.to_owned());
        assert_eq!(found(&["* 8-18 16-31 * 1-5"]), [expected]);
        assert_eq!(found(&["* 8-18 16-31 * *", "* 8-18 1-15 * *"]), []);
    }

    #[test]
    fn schedules_that_both_hold_unseen_by_the_validator_are_found_with_who_decides() {
        let message = "#0 and #1 both hold at times; #0 decides then, since its id comes first";
        for (expressions, both) in [
            (["* 8-18 1-15 * *", "* 8-18 16-31 * 1-5"], true),
            (["* 8-18 16-31 * 1-5", "* 8-18 1-15 * *"], true),
            (["* 9 4 * 1", "* 9 5 * 2"], true),
            (["* 8-18 1-15 * *", "* 8-18 16-31 * *"], false),
            (["* 9 4 * 1", "* 10 5 * 2"], false),
            (["* 9 30 2 1", "* 9 31 2 2"], false),
        ] {
            let found = found(&expressions);
            let found: Vec<_> = found
                .iter()
                .filter(|it| it.0 == "schedules_both_hold")
                .map(|it| it.1.as_str())
                .collect();
            assert_eq!(
                found,
                if both { vec![message] } else { vec![] },
                "{expressions:?}"
            );
        }
    }

    #[test]
    fn a_number_that_rises_again_at_midnight_is_found() {
        let codes = |base, schedules: &[(&str, i64)]| -> Vec<&str> {
            let found = linted(base, schedules);
            found.into_iter().map(|(code, _)| code).collect()
        };
        let evening = ("* 19-23 * * 1-5", 0);
        let found = linted(3, &[("* 8-18 * * 1-5", 4), evening]);
        let message = "#1 ends at midnight: from 00:00 to 08:00 the number outside schedules, 3, holds \
                       again; where the night is meant as well, its hours are 0-7 of the days after";
        assert_eq!(found, [("schedule_night", message.to_owned())]);
        assert_eq!(codes(3, &[evening]), ["schedule_night"]);
        for schedules in [
            &[("* 19-23,0-7 * * 1-5", 0)][..],
            &[evening, ("* 0-7 * * 2-6", 0)],
            &[("* 19-22 * * 1-5", 0)],
            &[("* 8-23 * * *", 5)],
            // The hour alone is a gap.
            &[evening, ("* 1-7 * * 1-5", 5)],
        ] {
            let night = codes(3, schedules).contains(&"schedule_night");
            assert!(!night, "{schedules:?}");
        }
    }

    #[test]
    fn a_schedule_that_asks_for_what_holds_anyway_is_found() {
        let message = "#0 asks for 3, the number outside schedules: it has no effect";
        let found = linted(3, &[("* 8-18 * * 1-5", 3), ("* 8-18 * * 0,6", 5)]);
        assert_eq!(found, [("schedule_without_effect", message.to_owned())]);
        // It decides where another one would.
        let found = linted(3, &[("* 9 4 * 1", 3), ("* 9 5 * 2", 5)]);
        assert!(found.iter().all(|it| it.0 != "schedule_without_effect"));
    }

    #[test]
    fn schedules_in_conflict_have_no_lints_but_for_days_that_never_come() {
        let never = "schedule_never_matches";
        let found = found(&["* 9,17 * * *", "* 9 31 2 *", "* 12 * * mon"]);
        assert_eq!(found.iter().map(|it| it.0).collect::<Vec<_>>(), [never]);
    }
}

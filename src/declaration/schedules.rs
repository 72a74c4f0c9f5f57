//! Checks of a preset's time zone and cron expressions.
//!
//! Knows nothing of files: it is given texts and says what is wrong with which. It asks the very
//! code that works out wanted numbers later, so what passes here has a meaning there.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::actions::cron::TimeRange;
use crate::actions::overlap::{self, Conflict};

/// What of a preset's scheduling a mistake is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The time zone.
    Timezone,
    /// The schedule at this position.
    Schedule(usize),
}

/// Checks the time zone, each expression, and the expressions among each other.
pub(super) fn check_schedules(timezone: &str, expressions: &[&str]) -> Vec<(Place, String)> {
    let mut mistakes = Vec::new();
    if timezone.parse::<Tz>().is_err() {
        mistakes.push((
            Place::Timezone,
            format!(
                "timezone {timezone:?} is not in the IANA database; write one such as \
                 \"Europe/Berlin\" or \"UTC\", in exactly this case"
            ),
        ));
    }
    let mut by_schedule = unreadable(expressions);
    // Expressions that can't be read would only be reported a second time.
    if by_schedule.is_empty() {
        by_schedule = conflicts(expressions);
    }
    mistakes.extend(
        by_schedule
            .into_iter()
            .map(|(index, message)| (Place::Schedule(index), message)),
    );
    mistakes
}

fn unreadable(expressions: &[&str]) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    for (index, expression) in expressions.iter().enumerate() {
        if let Err(reason) = TimeRange::parse(expression) {
            found.insert(
                index,
                format!("cron {expression:?} is no span of time: {reason}; correct it"),
            );
        }
    }
    found
}

/// What is wrong among expressions that are right one by one; at most one mistake for each.
fn conflicts(expressions: &[&str]) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    for (second, later) in expressions.iter().enumerate() {
        for (first, earlier) in expressions.iter().enumerate().take(second) {
            let (index, message) = match overlap::check(&[earlier, later]) {
                Ok(()) => continue,
                Err(Conflict::Overlap(..)) => (
                    second,
                    format!(
                        "cron {later:?} overlaps with {earlier:?}, so that two numbers would hold \
                         at once; make them differ in months, days or hours"
                    ),
                ),
                Err(Conflict::Unparsable(which, reason)) => {
                    let (index, expression) = if which == 0 {
                        (first, earlier)
                    } else {
                        (second, later)
                    };
                    (
                        index,
                        format!(
                            "cron {expression:?} can't be compared with the preset's other \
                             schedules: {reason}; a preset with two or more schedules can \
                             use only numbers and ranges"
                        ),
                    )
                }
            };
            found.entry(index).or_insert(message);
        }
    }
    found
}

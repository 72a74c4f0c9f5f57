//! Checks of a preset's time zone and cron expressions.
//!
//! Knows nothing of files: it is given texts and says what is wrong with which. It asks the very
//! code that works out desired instances later, so what passes here has a meaning there.

use std::collections::BTreeMap;

use chrono_tz::Tz;

use crate::actions::cron::TimeRange;
use crate::actions::overlap::{self, Conflict};

pub(super) fn check_timezone(timezone: &str) -> Result<(), String> {
    timezone.parse::<Tz>().map(|_| ()).map_err(|_| {
        format!(
            "timezone {timezone:?} is not in the IANA database; write one such as \
             \"Europe/Berlin\" or \"UTC\", in exactly this case"
        )
    })
}

/// What is wrong with expressions, each by itself and among each other, by their positions.
pub(super) fn check(expressions: &[&str]) -> BTreeMap<usize, String> {
    let unreadable: BTreeMap<usize, String> = expressions
        .iter()
        .enumerate()
        .filter_map(|(index, expression)| {
            let reason = TimeRange::parse(expression).err()?;
            let message = format!("cron {expression:?} is no span of time: {reason}; correct it");
            Some((index, message))
        })
        .collect();
    // Expressions that can't be read would only be reported a second time.
    if unreadable.is_empty() {
        conflicts(expressions)
    } else {
        unreadable
    }
}

/// What is wrong among expressions that are right one by one; at most one mistake for each.
fn conflicts(expressions: &[&str]) -> BTreeMap<usize, String> {
    let mut found = BTreeMap::new();
    for (second, later) in expressions.iter().enumerate() {
        for (first, earlier) in expressions[..second].iter().enumerate() {
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
                    let index = if which == 0 { first } else { second };
                    let message = format!(
                        "cron {:?} can't be compared with the preset's other schedules: {reason}; \
                         a preset with two or more schedules can use only numbers and ranges",
                        expressions[index]
                    );
                    (index, message)
                }
            };
            found.entry(index).or_insert(message);
        }
    }
    found
}

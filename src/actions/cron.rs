//! Reads a schedule's cron expression and says whether a local time lies in it.
//!
//! The expression is a continuous range of times, not a list of instants: a time is inside when
//! the minute that holds it matches. Field rules are those of the parser that Coder uses
//! (robfig/cron version 3 with five fields), its odd corners included, because a schedule must
//! mean the same in both programs. Knows no time zones and no clock; it never panics on any text.

use chrono::{Datelike, Timelike};

use crate::model::text::plural;

/// A parsed cron expression whose minute is `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeRange {
    pub(super) hour: Field,
    pub(super) day_of_month: Field,
    pub(super) month: Field,
    pub(super) day_of_week: Field,
}

/// The values that one field allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Bit n is set when the value n is allowed.
    pub values: u64,
    /// Whether the field counts as unrestricted in the day rule.
    pub star: bool,
}

/// The bounds of a field and the names of its values, the first of which stands for `min`.
pub(super) struct Bounds {
    pub name: &'static str,
    pub min: u32,
    pub max: u32,
    pub names: &'static [&'static str],
}

pub(super) const MINUTE: Bounds = Bounds {
    name: "minute",
    min: 0,
    max: 59,
    names: &[],
};
pub(super) const HOUR: Bounds = Bounds {
    name: "hour",
    min: 0,
    max: 23,
    names: &[],
};
pub(super) const DAY_OF_MONTH: Bounds = Bounds {
    name: "day of month",
    min: 1,
    max: 31,
    names: &[],
};
pub(super) const MONTH: Bounds = Bounds {
    name: "month",
    min: 1,
    max: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
};
pub(super) const DAY_OF_WEEK: Bounds = Bounds {
    name: "day of week",
    min: 0,
    max: 6,
    names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

impl TimeRange {
    /// Parses `minute hour day-of-month month day-of-week`.
    ///
    /// # Errors
    /// Says what is wrong when there are not exactly five fields, the minute is anything but `*`,
    /// or a field can't be read.
    pub(crate) fn parse(expression: &str) -> Result<Self, String> {
        let [minute, hour, day_of_month, month, day_of_week] = fields(expression)?;
        if minute != "*" {
            return Err(format!("the minute is {minute:?} and must be \"*\""));
        }
        Ok(Self {
            hour: Field::parse(hour, &HOUR)?,
            day_of_month: Field::parse(day_of_month, &DAY_OF_MONTH)?,
            month: Field::parse(month, &MONTH)?,
            day_of_week: Field::parse(day_of_week, &DAY_OF_WEEK)?,
        })
    }

    /// Whether the minute that holds `local` matches. Only wall-clock fields count: an hour that
    /// the change to summer time skips never matches, one that is repeated matches twice.
    pub(crate) fn contains(&self, local: &(impl Datelike + Timelike)) -> bool {
        self.month.allows(local.month())
            && self.contains_day(local.day(), local.weekday().num_days_from_sunday())
            && self.hour.allows(local.hour())
    }

    /// When both day fields are restricted, matching one of them is enough.
    pub(super) fn contains_day(&self, day_of_month: u32, day_of_week: u32) -> bool {
        let by_month = self.day_of_month.allows(day_of_month);
        let by_week = self.day_of_week.allows(day_of_week);
        if self.day_of_month.star || self.day_of_week.star {
            by_month && by_week
        } else {
            by_month || by_week
        }
    }
}

impl Field {
    /// Reads a comma-separated list. Empty elements are dropped, so a list of nothing but commas
    /// is a field that never matches.
    pub(super) fn parse(text: &str, bounds: &Bounds) -> Result<Self, String> {
        let mut field = Self {
            values: 0,
            star: false,
        };
        for element in text.split(',').filter(|element| !element.is_empty()) {
            let element = Self::parse_element(element, bounds)
                .map_err(|problem| format!("{} {element:?}: {problem}", bounds.name))?;
            field.values |= element.values;
            field.star |= element.star;
        }
        Ok(field)
    }

    /// Reads `*`, `a`, `a-b`, each with an optional `/step`.
    pub(super) fn parse_element(text: &str, bounds: &Bounds) -> Result<Self, String> {
        let (range, step) = match text.split_once('/') {
            Some((_, step)) if step.contains('/') => return Err("has two slashes".to_owned()),
            Some((range, step)) => (range, Some(number(step)?)),
            None => (text, None),
        };
        let mut ends = range.split('-');
        let low = ends.next().unwrap_or_default();
        let high = ends.next();

        // What follows the hyphen of a star is ignored: `*-7` is `*`.
        let star = matches!(low, "*" | "?");
        let (low, high) = if star {
            (i64::from(bounds.min), i64::from(bounds.max))
        } else {
            if ends.next().is_some() {
                return Err("has two hyphens".to_owned());
            }
            let low = value(low, bounds)?;
            match (high, step) {
                (Some(high), _) => (low, value(high, bounds)?),
                // A single value with a step runs to the end.
                (None, Some(_)) => (low, i64::from(bounds.max)),
                (None, None) => (low, low),
            }
        };
        if low < i64::from(bounds.min) {
            return Err(format!("{low} is below {}", bounds.min));
        }
        if high > i64::from(bounds.max) {
            return Err(format!("{high} is above {}", bounds.max));
        }
        if low > high {
            return Err(format!("{low} is after {high}"));
        }
        let step = match step {
            Some(0) => return Err("the step is 0".to_owned()),
            Some(step) => step,
            None => 1,
        };
        let values = (low..=high)
            .step_by(usize::try_from(step).unwrap_or(usize::MAX))
            .fold(0, |values, value| values | 1 << value);
        Ok(Self {
            values,
            star: star && step == 1,
        })
    }

    pub(super) fn allows(self, value: u32) -> bool {
        self.values >> value & 1 == 1
    }
}

/// Whether the mark of a time zone stands at the beginning.
fn names_zone(schedule: &str) -> bool {
    let schedule = schedule.trim_start();
    ["CRON_TZ=", "TZ="]
        .iter()
        .any(|mark| schedule.starts_with(mark))
}

/// Splits an expression into its five fields.
///
/// # Errors
/// Says how many there are instead, or that one of them is a time zone.
pub(crate) fn fields(expression: &str) -> Result<[&str; 5], String> {
    let fields: Vec<_> = expression.split_whitespace().collect();
    let count = plural(fields.len(), "field");
    fields.try_into().map_err(|fields: Vec<&str>| {
        if fields.len() == 6 && names_zone(expression) {
            return "it names a time zone, but the preset's own holds for all of its schedules"
                .to_owned();
        }
        // Other programs put one for seconds in front.
        let rest = fields.get(1..).unwrap_or_default().join(" ");
        if fields.len() == 6 && TimeRange::parse(&rest).is_ok() {
            return format!("it has {count}, the first of them for seconds: drop the first field and write {rest:?}");
        }
        format!("it has {count} and needs 5 (minute, hour, day of month, month, day of week)")
    })
}

fn value(text: &str, bounds: &Bounds) -> Result<i64, String> {
    bounds
        .names
        .iter()
        .zip(i64::from(bounds.min)..)
        .find(|(name, _)| name.eq_ignore_ascii_case(text))
        .map_or_else(|| number(text), |(_, value)| Ok(value))
}

/// Reads a decimal number that is not negative; a leading `+` is accepted.
pub(super) fn number(text: &str) -> Result<i64, String> {
    text.parse()
        .ok()
        .filter(|number| *number >= 0)
        .ok_or_else(|| format!("{text:?} is not a number"))
}

#[cfg(test)]
mod tests;

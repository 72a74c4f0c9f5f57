//! Tells whether the schedules of one preset overlap.
//!
//! Follows the validator that Coder applies to presets with two or more schedules, which is
//! coarser than the cron parser of [`super::cron`]: it knows neither names nor steps, ignores the
//! minute, and compares months, then days, then hours of every pair. A field that the comparison
//! does not reach may hold anything. It must stay as it is even where it seems wrong, because its
//! verdict decides whether Coder applies a preset's schedules at all.

use super::cron;

/// Why a set of schedules is not applied. The numbers are positions in the list that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Two schedules have a moment in common, as far as the validator can tell.
    Overlap(usize, usize),
    /// A schedule can't be compared with others, and why.
    Unparsable(usize, String),
}

/// Compares every pair in the given order and returns the first conflict. A single expression is
/// never looked at.
///
/// # Errors
/// The first pair that overlaps, or the first expression that can't be read when it's needed.
pub fn check(expressions: &[&str]) -> Result<(), Conflict> {
    if expressions.len() < 2 {
        return Ok(());
    }
    let parsed: Vec<_> = expressions
        .iter()
        .map(|expression| Fields::parse(expression))
        .collect();
    for first in 0..parsed.len() {
        for second in first + 1..parsed.len() {
            let a = Reader::new(first, &parsed)?;
            let b = Reader::new(second, &parsed)?;
            if overlap(&a, &b)? {
                return Err(Conflict::Overlap(first, second));
            }
        }
    }
    Ok(())
}

fn overlap(a: &Reader<'_>, b: &Reader<'_>) -> Result<bool, Conflict> {
    Ok(meet(a, b, |fields| &fields.month)? && days(a, b)? && meet(a, b, |fields| &fields.hour)?)
}

/// A star in one kind of day leaves the comparison to the other kind.
fn days(a: &Reader<'_>, b: &Reader<'_>) -> Result<bool, Conflict> {
    if a.fields.day_of_month.star || b.fields.day_of_month.star {
        meet(a, b, |fields| &fields.day_of_week)
    } else if a.fields.day_of_week.star || b.fields.day_of_week.star {
        meet(a, b, |fields| &fields.day_of_month)
    } else {
        // Both are read before either counts, so that an unreadable one is always found.
        let by_month = meet(a, b, |fields| &fields.day_of_month)?;
        let by_week = meet(a, b, |fields| &fields.day_of_week)?;
        Ok(by_month || by_week)
    }
}

fn meet(
    a: &Reader<'_>,
    b: &Reader<'_>,
    field: impl Fn(&Fields) -> &Field,
) -> Result<bool, Conflict> {
    Ok(a.values(field(a.fields))? & b.values(field(b.fields))? != 0)
}

/// One schedule with its position, for errors.
struct Reader<'a> {
    position: usize,
    fields: &'a Fields,
}

impl<'a> Reader<'a> {
    fn new(position: usize, parsed: &'a [Result<Fields, String>]) -> Result<Self, Conflict> {
        match &parsed[position] {
            Ok(fields) => Ok(Self { position, fields }),
            Err(problem) => Err(Conflict::Unparsable(position, problem.clone())),
        }
    }

    fn values(&self, field: &Field) -> Result<u64, Conflict> {
        field
            .values
            .clone()
            .map_err(|problem| Conflict::Unparsable(self.position, problem))
    }
}

/// The fields that are compared. They are read once and up front, but a failure only counts when
/// the comparison asks for the field.
struct Fields {
    hour: Field,
    day_of_month: Field,
    month: Field,
    day_of_week: Field,
}

struct Field {
    star: bool,
    /// Bit n is set when the value n is in the field.
    values: Result<u64, String>,
}

impl Fields {
    fn parse(expression: &str) -> Result<Self, String> {
        let [_, hour, day_of_month, month, day_of_week] = cron::fields(expression)?;
        Ok(Self {
            hour: Field::parse("hour", hour, 23),
            day_of_month: Field::parse("day of month", day_of_month, 31),
            month: Field::parse("month", month, 12),
            day_of_week: Field::parse("day of week", day_of_week, 6),
        })
    }
}

impl Field {
    fn parse(name: &str, text: &str, max: i64) -> Self {
        let star = text == "*";
        let values = if star {
            Ok(bits(0, max))
        } else {
            list(text, max)
        };
        Self {
            star,
            values: values.map_err(|problem| format!("{name} {text:?}: {problem}")),
        }
    }
}

/// Reads a comma-separated list of numbers and ranges from 0 to `max`.
fn list(text: &str, max: i64) -> Result<u64, String> {
    text.split(',').try_fold(0, |values, element| {
        // Anything after a second hyphen is not looked at.
        let mut ends = element.split('-');
        let low = cron::number(ends.next().unwrap_or_default())?;
        let high = ends.next().map_or(Ok(low), cron::number)?;
        if low > high || high > max {
            return Err(format!("{element:?} is not within 0 to {max}"));
        }
        Ok(values | bits(low, high))
    })
}

fn bits(low: i64, high: i64) -> u64 {
    (low..=high).fold(0, |values, value| values | 1 << value)
}

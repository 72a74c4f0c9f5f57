//! Whether the schedules of one preset overlap.
//!
//! Follows the validator that Coder applies to presets with two or more schedules, which is
//! coarser than the cron parser of [`super::cron`]: it knows neither names nor steps, ignores the
//! minute, and compares months, then days, then hours of every pair. A field that the comparison
//! does not reach may hold anything. It must stay as it is even where it seems wrong, because its
//! verdict decides whether Coder applies a preset's schedules at all.

use super::cron;

/// Why a set of schedules is not applied. The numbers are positions in the list that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Conflict {
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
pub(crate) fn check(expressions: &[&str]) -> Result<(), Conflict> {
    if expressions.len() < 2 {
        return Ok(());
    }
    let parsed = expressions.iter().enumerate();
    let parsed: Vec<_> = parsed.map(|(n, it)| Fields::parse(n, it)).collect();
    for (first, a) in parsed.iter().enumerate() {
        for (second, b) in parsed.iter().enumerate().skip(first + 1) {
            let (a, b) = (a.as_ref(), b.as_ref());
            if overlap(a.map_err(Conflict::clone)?, b.map_err(Conflict::clone)?)? {
                return Err(Conflict::Overlap(first, second));
            }
        }
    }
    Ok(())
}

fn overlap(a: &Fields, b: &Fields) -> Result<bool, Conflict> {
    Ok(meet(&a.month, &b.month)? && days(a, b)? && meet(&a.hour, &b.hour)?)
}

/// A star in one kind of day leaves the comparison to the other kind.
fn days(a: &Fields, b: &Fields) -> Result<bool, Conflict> {
    if a.day_of_month.star || b.day_of_month.star {
        meet(&a.day_of_week, &b.day_of_week)
    } else if a.day_of_week.star || b.day_of_week.star {
        meet(&a.day_of_month, &b.day_of_month)
    } else {
        // Both are read before either counts, so that an unreadable one is always found.
        let by_month = meet(&a.day_of_month, &b.day_of_month)?;
        let by_week = meet(&a.day_of_week, &b.day_of_week)?;
        Ok(by_month || by_week)
    }
}

fn meet(a: &Field, b: &Field) -> Result<bool, Conflict> {
    Ok(a.values.clone()? & b.values.clone()? != 0)
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
    values: Result<u64, Conflict>,
}

impl Fields {
    fn parse(position: usize, expression: &str) -> Result<Self, Conflict> {
        let unparsable = |problem| Conflict::Unparsable(position, problem);
        let [_, hour, day_of_month, month, day_of_week] =
            cron::fields(expression).map_err(unparsable)?;
        let field = |name: &str, text: &str, max| {
            let star = text == "*";
            let values = if star {
                Ok(bits(0, max))
            } else {
                list(text, max)
            };
            let values = values.map_err(|it| unparsable(format!("{name} {text:?}: {it}")));
            Field { star, values }
        };
        Ok(Self {
            hour: field("hour", hour, 23),
            day_of_month: field("day of month", day_of_month, 31),
            month: field("month", month, 12),
            day_of_week: field("day of week", day_of_week, 6),
        })
    }
}

/// Reads a comma-separated list of numbers and ranges from 0 to `max`.
fn list(text: &str, max: i64) -> Result<u64, String> {
    text.split(',').try_fold(0, |values, element| {
        // Anything after a second hyphen is not looked at.
        let mut ends = element.split('-');
        let low = cron::number(ends.next().unwrap_or_default())?;
        let high = ends.next().map_or(Ok(low), cron::number)?;
        if low > high {
            return Err(format!(
                "{element:?} ends before it begins; a range can't go past the last value"
            ));
        }
        if high > max {
            return Err(format!("{element:?} is not within 0 to {max}"));
        }
        Ok(values | bits(low, high))
    })
}

fn bits(low: i64, high: i64) -> u64 {
    (low..=high).fold(0, |values, value| values | 1 << value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(a: &str, b: &str) -> &'static str {
        match check(&[a, b]) {
            Ok(()) => "apart",
            Err(Conflict::Overlap(0, 1)) => "overlap",
            Err(Conflict::Unparsable(0, _)) => "first unparsable",
            Err(Conflict::Unparsable(1, _)) => "second unparsable",
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn months_days_and_hours_must_all_meet() {
        for (a, b, verdict) in [
            ("* * * * *", "* * * * *", "overlap"),
            ("* 9 * 1-6 *", "* 9 * 7-12 *", "apart"),
            ("* 9-12 * * *", "* 13-18 * * *", "apart"),
            ("* 9-13 * * *", "* 13-18 * * *", "overlap"),
            ("* 9 * * 1-5", "* 9 * * 0,6", "apart"),
            ("* 9 * * 1-5", "* 9 * * 5,6", "overlap"),
            ("* 9 1-15 * *", "* 9 16-31 * *", "apart"),
            ("* 9 1-15 * *", "* 9 15 * *", "overlap"),
            // Minutes don't count, readable or not.
            ("0-29 9 * * *", "nonsense 9 * * *", "overlap"),
        ] {
            assert_eq!(pair(a, b), verdict, "{a} against {b}");
        }
    }

    #[test]
    fn a_star_in_one_kind_of_day_leaves_it_to_the_other() {
        for (a, b, verdict) in [
            // The day of the month of one is a star: only days of the week count.
            ("* 9 * * 1", "* 9 4 * 2", "apart"),
            ("* 9 * * 1", "* 9 4 * *", "overlap"),
            // The day of the week of one is a star: only days of the month count.
            ("* 9 4 * *", "* 9 5 * 1", "apart"),
            ("* 9 4 * *", "* 9 4 * 1", "overlap"),
            // No star: either will do.
            ("* 9 4 * 1", "* 9 4 * 2", "overlap"),
            ("* 9 4 * 1", "* 9 5 * 1", "overlap"),
            ("* 9 4 * 1", "* 9 5 * 2", "apart"),
        ] {
            assert_eq!(pair(a, b), verdict, "{a} against {b}");
        }
    }

    #[test]
    fn a_field_is_only_read_when_the_comparison_reaches_it() {
        for (a, b, verdict) in [
            ("* x x 1 x", "* x x 2 x", "apart"),
            ("* x * 1 1", "* x * 1 2", "apart"),
            ("* x x 1 1", "* x * 1 2", "apart"),
            ("* x 1 1 x", "* x 2 1 *", "apart"),
            ("* x * * *", "* 9 * * *", "first unparsable"),
            ("* 9 * * *", "* x * * *", "second unparsable"),
            ("* 9 * x *", "* 9 * y *", "first unparsable"),
            // Without a star both kinds of day are read, even when the first meets.
            ("* 9 4 * x", "* 10 4 * 1", "first unparsable"),
            ("* 9 4 * 1", "* 10 4 * x", "second unparsable"),
        ] {
            assert_eq!(pair(a, b), verdict, "{a} against {b}");
        }
    }

    #[test]
    fn names_steps_and_other_forms_are_not_understood() {
        for dow in [
            "mon", "*/2", "1/2", "?", "7", "3-1", "-1", "1-", "1,,2", "", "1.5", "9-a",
        ] {
            let expression = format!("* * * * {}", if dow.is_empty() { "," } else { dow });
            assert_eq!(pair(&expression, "* * * * 0"), "first unparsable", "{dow}");
        }
        for dow in ["+1", "1-1", "1-1-9", "0-6", "1,1", "01"] {
            assert_eq!(
                pair(&format!("* * * * {dow}"), "* * * * 1"),
                "overlap",
                "{dow}"
            );
        }
    }

    #[test]
    fn zero_is_a_day_and_a_month_here() {
        assert_eq!(pair("* * 0 * *", "* * 0 * *"), "overlap");
        assert_eq!(pair("* * * 0 *", "* * * * *"), "overlap");
        assert_eq!(pair("* * * 0 *", "* * * 12 *"), "apart");
        assert_eq!(pair("* * * 13 *", "* * * * *"), "first unparsable");
        assert_eq!(pair("* 24 * * *", "* * * * *"), "first unparsable");
        assert_eq!(pair("* * 32 * *", "* * 1 * *"), "first unparsable");
    }

    #[test]
    fn every_pair_is_compared_in_order_and_a_single_one_never() {
        assert_eq!(check(&["nonsense"]), Ok(()));
        assert_eq!(check(&[]), Ok(()));
        let found = check(&["* 1 * * *", "* 2 * * *", "* 3 * * *", "* 2-3 * * *"]);
        assert_eq!(found, Err(Conflict::Overlap(1, 3)));
    }

    #[test]
    fn five_fields_are_needed() {
        assert_eq!(pair("* * * *", "* * * * *"), "first unparsable");
        assert_eq!(pair("* * * * *", "* * * * * *"), "second unparsable");
        assert_eq!(pair(" *\t1  * * * ", "* 2 * * *"), "apart");
    }
}

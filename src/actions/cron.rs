//! Reads a schedule's cron expression and tells whether a local time lies in it.
//!
//! The expression is a continuous range of times, not a list of instants: a time is inside when
//! the minute that holds it matches. Field rules are those of the parser that Coder uses
//! (robfig/cron version 3 with five fields), its odd corners included, because a schedule must
//! mean the same in both programs. Knows no time zones and no clock; it never panics on any text.

use chrono::{Datelike, Timelike};

/// A parsed cron expression whose minute is `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    hour: Field,
    day_of_month: Field,
    month: Field,
    day_of_week: Field,
}

/// The values that one field allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Field {
    /// Bit n is set when the value n is allowed.
    values: u64,
    /// Whether the field counts as unrestricted in the day rule.
    star: bool,
}

/// The bounds of a field and the names of its values, the first of which stands for `min`.
struct Bounds {
    name: &'static str,
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MINUTE: Bounds = Bounds {
    name: "minute",
    min: 0,
    max: 59,
    names: &[],
};
const HOUR: Bounds = Bounds {
    name: "hour",
    min: 0,
    max: 23,
    names: &[],
};
const DAY_OF_MONTH: Bounds = Bounds {
    name: "day of month",
    min: 1,
    max: 31,
    names: &[],
};
const MONTH: Bounds = Bounds {
    name: "month",
    min: 1,
    max: 12,
    names: &[
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ],
};
const DAY_OF_WEEK: Bounds = Bounds {
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
    pub fn parse(expression: &str) -> Result<Self, String> {
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
    pub fn contains(&self, local: &(impl Datelike + Timelike)) -> bool {
        self.month.allows(local.month())
            && self.contains_day(local.day(), local.weekday().num_days_from_sunday())
            && self.hour.allows(local.hour())
    }

    /// When both day fields are restricted, matching one of them is enough.
    fn contains_day(&self, day_of_month: u32, day_of_week: u32) -> bool {
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
    fn parse(text: &str, bounds: &Bounds) -> Result<Self, String> {
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
    fn parse_element(text: &str, bounds: &Bounds) -> Result<Self, String> {
        let (range, step) = match text.split_once('/') {
            Some((_, step)) if step.contains('/') => return Err("has two slashes".to_owned()),
            Some((range, step)) => (range, Some(number(step)?)),
            None => (text, None),
        };
        let mut ends = range.split('-');
        let low = ends.next().unwrap_or_default();
        let high = ends.next();

        // Whatever follows the hyphen of a star is not looked at: `*-7` is `*`.
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

    fn allows(self, value: u32) -> bool {
        self.values >> value & 1 == 1
    }
}

/// Checks an autostart schedule: a moment of some days of the week, such as `30 9 * * 1-5`, with a
/// time zone before it if need be (`CRON_TZ=Europe/Berlin 30 9 * * 1-5`).
///
/// # Errors
/// Says what is wrong.
pub fn check_weekly(schedule: &str) -> Result<(), String> {
    let zoned = ["CRON_TZ=", "TZ="]
        .iter()
        .find_map(|prefix| schedule.trim_start().strip_prefix(prefix));
    let expression = match zoned {
        None => schedule,
        Some(rest) => {
            let (zone, expression) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            zone.parse::<chrono_tz::Tz>()
                .map_err(|_| format!("{zone:?} is no time zone; give one such as Europe/Berlin"))?;
            expression
        }
    };
    let [minute, hour, day_of_month, month, day_of_week] = fields(expression)?;
    for (text, bounds) in [(minute, &MINUTE), (hour, &HOUR)] {
        if Field::parse(text, bounds)?.values.count_ones() != 1 {
            return Err(format!(
                "the {} is {text:?} and must be a number",
                bounds.name
            ));
        }
    }
    for (text, bounds) in [(day_of_month, &DAY_OF_MONTH), (month, &MONTH)] {
        if text != "*" {
            return Err(format!("the {} is {text:?} and must be \"*\"", bounds.name));
        }
    }
    if Field::parse(day_of_week, &DAY_OF_WEEK)?.values == 0 {
        return Err(format!(
            "the day of week is {day_of_week:?}, which is never"
        ));
    }
    Ok(())
}

/// Splits an expression into its five fields.
///
/// # Errors
/// Says how many there are instead.
pub fn fields(expression: &str) -> Result<[&str; 5], String> {
    let fields: Vec<_> = expression.split_whitespace().collect();
    let count = fields.len();
    fields.try_into().map_err(|_| {
        format!(
            "it has {count} fields and needs 5 (minute, hour, day of month, month, day of week)"
        )
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
mod tests {
    use chrono::{Duration, NaiveDate, NaiveDateTime};
    use proptest::prelude::*;

    use super::*;

    fn local(text: &str) -> NaiveDateTime {
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap()
    }

    fn contains(expression: &str, time: &str) -> bool {
        TimeRange::parse(expression).unwrap().contains(&local(time))
    }

    #[test]
    fn every_form_of_a_field_is_read() {
        // A Wednesday in March.
        let noon = "2026-03-04 12:00:00";
        for (expression, inside) in [
            ("* * * * *", true),
            ("* ? ? ? ?", true),
            (" *  12\t*   * * ", true),
            ("* 12 4 3 3", true),
            ("* 0-11,13-23 * * *", false),
            ("* 1,,12, * * *", true),
            ("* , * * *", false),
            ("* */4 * * *", true),
            ("* */5 * * *", false),
            ("* 2/5 * * *", true),
            ("* 3/5 * * *", false),
            ("* 6-18/6 * * *", true),
            ("* 7-18/6 * * *", false),
            ("* */9223372036854775807 * * *", false),
            ("* +12 * * *", true),
            ("* * * MAR Wed", true),
            ("* * * jan-Apr sun-sat", true),
            ("* * * * thu", false),
            ("* *-99 * * *", true),
            ("* ?-x-y/6 * * *", true),
        ] {
            assert_eq!(contains(expression, noon), inside, "{expression}");
        }
    }

    #[test]
    fn autostart_schedules_are_moments_of_a_week() {
        for schedule in [
            "30 9 * * 1-5",
            "0 0 * * *",
            " CRON_TZ=US/Central 59 23 * * mon,fri",
            "TZ=Europe/Berlin 5 7 * * 0",
        ] {
            assert_eq!(check_weekly(schedule), Ok(()), "{schedule:?}");
        }
        for schedule in [
            "",
            "30 9 * *",
            "30 9 * * * *",
            "* 9 * * *",
            "30 * * * *",
            "0,30 9 * * *",
            "60 9 * * *",
            "30 24 * * *",
            "30 9 1 * *",
            "30 9 * 1 *",
            "30 9 * * 7",
            "30 9 * * ,",
            "CRON_TZ=Nowhere/Land 30 9 * * *",
            "CRON_TZ=Europe/Berlin",
            "@daily",
        ] {
            assert!(check_weekly(schedule).is_err(), "{schedule:?}");
        }
    }

    #[test]
    fn what_the_parser_of_coder_refuses_is_refused() {
        for expression in [
            "",
            "* * * *",
            "* * * * * *",
            "@daily",
            "0 9 * * *",
            "*/1 9 * * *",
            "? 9 * * *",
            "* 24 * * *",
            "* 25 * * *",
            "* -1 * * *",
            "* 9- * * *",
            "* 18-9 * * *",
            "* 1-2-3 * * *",
            "* 1/2/3 * * *",
            "* */0 * * *",
            "* */x * * *",
            "* */-2 * * *",
            "* * 0 * *",
            "* * 32 * *",
            "* * * 0 *",
            "* * * 13 *",
            "* * * * 7",
            "* * * * 1-7",
            "* mon * * *",
            "* * jan * *",
            "* * * mon *",
            "* * * * jan",
            "* * * * monday",
            "* 99999999999999999999 * * *",
            "* * * * 5#1",
            "* * L * *",
        ] {
            assert!(TimeRange::parse(expression).is_err(), "{expression}");
        }
    }

    #[test]
    fn an_error_names_the_field_and_what_is_wrong_with_it() {
        let error = |expression| TimeRange::parse(expression).unwrap_err();
        assert_eq!(error("* 9-18 * * 7"), "day of week \"7\": 7 is above 6");
        assert_eq!(error("0 9 * * *"), "the minute is \"0\" and must be \"*\"");
        assert_eq!(error("* 5-x * * *"), "hour \"5-x\": \"x\" is not a number");
    }

    #[test]
    fn two_restricted_day_fields_need_only_one_match() {
        let (friday_13, friday_20, sunday_13) = (
            "2026-03-13 00:00:00",
            "2026-03-20 00:00:00",
            "2026-09-13 00:00:00",
        );
        for (expression, expected) in [
            ("* * 13 * 5", [true, true, true]),
            ("* * 13 * *", [true, false, true]),
            ("* * * * 5", [true, true, false]),
            ("* * 13 * ?", [true, false, true]),
            // A step of 1 is a star, any other is not.
            ("* * 13 * */1", [true, false, true]),
            ("* * 13 * */5", [true, true, true]),
            ("* * */2 * 5", [true, true, true]),
            // One star in a list makes the list one.
            ("* * 13 * 1,*", [true, false, true]),
            ("* * */2,* * 5", [true, true, false]),
        ] {
            let found = [friday_13, friday_20, sunday_13].map(|day| contains(expression, day));
            assert_eq!(found, expected, "{expression}");
        }
    }

    /// An element of a list, as data: the naive matcher reads this, the parser reads its text.
    #[derive(Clone, Debug)]
    enum Element {
        Star(u32),
        From(u32, u32),
        Range(u32, u32, u32),
        One(u32),
    }

    impl Element {
        fn text(&self) -> String {
            match self {
                Self::Star(step) => format!("*/{step}"),
                Self::From(low, step) => format!("{low}/{step}"),
                Self::Range(low, high, step) => format!("{low}-{high}/{step}"),
                Self::One(value) => value.to_string(),
            }
        }

        fn holds(&self, value: u32, min: u32) -> bool {
            let stepped = |low: u32, step: u32| value >= low && (value - low).is_multiple_of(step);
            match *self {
                Self::Star(step) => stepped(min, step),
                Self::From(low, step) => stepped(low, step),
                Self::Range(low, high, step) => stepped(low, step) && value <= high,
                Self::One(one) => value == one,
            }
        }
    }

    fn list(min: u32, max: u32) -> impl Strategy<Value = Vec<Element>> {
        let element = prop_oneof![
            (1..4u32).prop_map(Element::Star),
            (min..=max, 1..40u32).prop_map(|(low, step)| Element::From(low, step)),
            (min..=max, min..=max, 1..9u32).prop_map(|(a, b, step)| Element::Range(
                a.min(b),
                a.max(b),
                step
            )),
            (min..=max).prop_map(Element::One),
        ];
        prop::collection::vec(element, 1..4)
    }

    fn text(list: &[Element]) -> String {
        list.iter().map(Element::text).collect::<Vec<_>>().join(",")
    }

    proptest! {
        #[test]
        fn a_naive_matcher_agrees(
            hour in list(0, 23), dom in list(1, 31), month in list(1, 12), dow in list(0, 6),
            minutes in 0..2_000_000i64,
        ) {
            let expression =
                format!("* {} {} {} {}", text(&hour), text(&dom), text(&month), text(&dow));
            let start = NaiveDate::from_ymd_opt(2025, 1, 1).unwrap().and_hms_opt(0, 0, 30).unwrap();
            let time = start + Duration::minutes(minutes);

            let any = |list: &[Element], value, min| list.iter().any(|e| e.holds(value, min));
            let star = |list: &[Element]| list.iter().any(|e| matches!(e, Element::Star(1)));
            let by_month = any(&dom, time.day(), 1);
            let by_week = any(&dow, time.weekday().num_days_from_sunday(), 0);
            let day = match star(&dom) || star(&dow) {
                true => by_month && by_week,
                false => by_month || by_week,
            };
            let expected = any(&month, time.month(), 1) && day && any(&hour, time.hour(), 0);
            prop_assert_eq!(
                TimeRange::parse(&expression).unwrap().contains(&time), expected, "{}", expression
            );
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[-*?/,0-9a-z@ +\u{a0}]{0,40}", any in ".*") {
            drop(TimeRange::parse(&text));
            drop(TimeRange::parse(&format!("* {text} * * *")));
            drop(TimeRange::parse(&any));
        }
    }
}

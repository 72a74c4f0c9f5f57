//! Works out the text that the author of a wrong schedule most likely wished to write.
//!
//! Every answer is a text that [`TimeRange`] reads and, where it stands beside other schedules, one
//! that [`overlap`] can compare; whatever can't be brought there has no answer. Knows no presets.

use crate::actions::cron::{
    self, Bounds, DAY_OF_MONTH, DAY_OF_WEEK, Field, HOUR, MONTH, TimeRange,
};
use crate::actions::overlap;

/// A field of an expression that can be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Hour,
    DayOfMonth,
    Month,
    DayOfWeek,
}

/// The expression with another text in one field.
pub(super) fn replaced(expression: &str, part: Part, text: &str) -> Option<String> {
    let mut fields = cron::fields(expression).ok()?;
    fields[match part {
        Part::Hour => 1,
        Part::DayOfMonth => 2,
        Part::Month => 3,
        Part::DayOfWeek => 4,
    }] = text;
    Some(fields.join(" "))
}

/// Corrects an expression that can't be read, or that can't be compared with others where it has
/// `company`. None when there is nothing to correct, or no telling how.
pub(crate) fn expression(text: &str, company: bool) -> Option<String> {
    // The zone belongs to the preset, not into its schedules.
    let zoned = ["CRON_TZ=", "TZ="]
        .iter()
        .any(|prefix| text.trim_start().starts_with(prefix));
    let fields = if zoned {
        text.trim_start().split_once(char::is_whitespace)?.1
    } else {
        text
    };
    let [_, hour, day_of_month, month, day_of_week] = cron::fields(fields).ok()?;
    let corrected = [
        "*".to_owned(),
        field(hour, &HOUR, company)?,
        field(day_of_month, &DAY_OF_MONTH, company)?,
        field(month, &MONTH, company)?,
        field(day_of_week, &DAY_OF_WEEK, company)?,
    ]
    .join(" ");
    let is_new = !text.split_whitespace().eq(corrected.split(' '));
    let is_right =
        TimeRange::parse(&corrected).is_ok() && (!company || overlap::is_comparable(&corrected));
    (is_new && is_right).then_some(corrected)
}

/// Corrects one of two expressions that overlap: it gives up the hours, days or months that both
/// hold, if any are left then. The second one yields if it can. Returns which one it is, 0 or 1.
pub(crate) fn apart(first: &str, second: &str) -> Option<(usize, String)> {
    let given = [first, second];
    let texts = given.map(|text| expression(text, true).unwrap_or_else(|| text.to_owned()));
    let ranges = [
        TimeRange::parse(&texts[0]).ok()?,
        TimeRange::parse(&texts[1]).ok()?,
    ];
    for (kept, cut) in [(0, 1), (1, 0)] {
        for (part, of) in [
            (Part::Hour, (|range| range.hour) as fn(&TimeRange) -> Field),
            (Part::DayOfWeek, |range| range.day_of_week),
            (Part::DayOfMonth, |range| range.day_of_month),
            (Part::Month, |range| range.month),
        ] {
            let rest = of(&ranges[cut]).values & !of(&ranges[kept]).values;
            if rest == 0 {
                continue;
            }
            let corrected = replaced(&texts[cut], part, &values(rest))?;
            let matches = TimeRange::parse(&corrected).is_ok_and(|range| !is_never(&range));
            if matches && overlap::check(&[given[kept], corrected.as_str()]).is_ok() {
                return Some((cut, corrected));
            }
        }
    }
    None
}

/// Whether no day of any year, leap years included, has an hour that matches.
pub(super) fn is_never(range: &TimeRange) -> bool {
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

/// Days of a month, in a leap year.
pub(super) fn longest(month: u32) -> u32 {
    match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A set of values as a list of ranges, in the plain form that everything reads.
pub(super) fn values(set: u64) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for value in (0..64).filter(|value| set >> value & 1 == 1) {
        match runs.last_mut() {
            Some((_, high)) if *high + 1 == value => *high = value,
            _ => runs.push((value, value)),
        }
    }
    let runs: Vec<String> = runs.into_iter().map(|(low, high)| run(low, high)).collect();
    runs.join(",")
}

fn run(low: u32, high: u32) -> String {
    if low == high {
        low.to_string()
    } else {
        format!("{low}-{high}")
    }
}

fn field(text: &str, bounds: &Bounds, company: bool) -> Option<String> {
    let elements: Vec<String> = text
        .split(',')
        .filter(|element| !element.is_empty())
        .map(|text| element(text, bounds, company))
        .collect::<Option<_>>()?;
    // Beside other schedules, a star is understood only where nothing else stands in the field.
    if company && elements.iter().any(|element| element == "*") {
        return Some("*".to_owned());
    }
    (!elements.is_empty()).then(|| elements.join(","))
}

/// Leaves what is right as it is.
fn element(text: &str, bounds: &Bounds, company: bool) -> Option<String> {
    let is_plain = text == "*" || text.bytes().all(|c| c.is_ascii_digit() || c == b'-');
    match Field::parse_element(text, bounds) {
        Ok(_) if is_plain || !company => Some(text.to_owned()),
        Ok(field) if field.star => Some("*".to_owned()),
        Ok(field) => Some(values(field.values)),
        Err(_) => repaired(text, bounds),
    }
}

/// Reads an element as a person does: 7 is a Sunday, 24 is midnight, full names are names, and a
/// range can go on past the last value.
fn repaired(text: &str, bounds: &Bounds) -> Option<String> {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
        None => (text, 1),
    };
    let (low, high) = match range.split_once('-') {
        Some((low, high)) => (value(low, bounds)?, value(high, bounds)?),
        None if range == text => (value(range, bounds)?, value(range, bounds)?),
        None => (value(range, bounds)?, bounds.max),
    };
    // One past the last value is the first one again, for fields that count from 0. As the end of
    // a range, midnight is where the day before it ends.
    let beyond = bounds.max + 1;
    let is_hours = bounds.name == HOUR.name;
    let first = if low == beyond { bounds.min } else { low };
    let last = match high {
        high if high == beyond && low != high && (is_hours || first == bounds.min) => bounds.max,
        high if high == beyond => bounds.min,
        high => high,
    };
    let ends = [first, last];
    if ends
        .iter()
        .any(|end| !(bounds.min..=bounds.max).contains(end))
    {
        return None;
    }
    let runs = if first <= last {
        vec![(first, last)]
    } else {
        vec![(first, bounds.max), (bounds.min, last)]
    };
    let texts: Vec<String> = if step == 1 {
        runs.into_iter().map(|(low, high)| run(low, high)).collect()
    } else {
        let all = runs.into_iter().flat_map(|(low, high)| low..=high);
        all.step_by(step).map(|value| value.to_string()).collect()
    };
    Some(texts.join(","))
}

/// A number, or a name of which the first three letters count.
fn value(text: &str, bounds: &Bounds) -> Option<u32> {
    if let Ok(number) = text.parse::<u32>() {
        let wraps = bounds.min == 0;
        return (number <= bounds.max + u32::from(wraps)).then_some(number);
    }
    let name = text.get(..3)?;
    let is_word = text.chars().all(|c| c.is_ascii_alphabetic());
    let position = bounds
        .names
        .iter()
        .position(|known| is_word && known.eq_ignore_ascii_case(name))?;
    Some(bounds.min + u32::try_from(position).ok()?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_people_write_for_a_schedule_is_corrected() {
        for (text, corrected) in [
            ("0 9 * * *", "* 9 * * *"),
            ("*/5 9-17 * * 1-5", "* 9-17 * * 1-5"),
            ("* 22-6 * * *", "* 22-23,0-6 * * *"),
            ("* 9-18 * * 7", "* 9-18 * * 0"),
            ("* 9-18 * * 1-7", "* 9-18 * * 1-6,0"),
            ("* * * * 0-7", "* * * * 0-6"),
            ("* * * * 7-2", "* * * * 0-2"),
            ("* * * * fri-mon", "* * * * 5-6,0-1"),
            ("* * * * monday-friday", "* * * * 1-5"),
            ("* * * november-feb *", "* * * 11-12,1-2 *"),
            ("* 18-24 * * *", "* 18-23 * * *"),
            ("* 24 * * *", "* 0 * * *"),
            ("* 20-4/2 * * *", "* 20,22,0,2,4 * * *"),
            ("* * 28-3 * *", "* * 28-31,1-3 * *"),
            ("0 22-6 * jan mon", "* 22-23,0-6 * jan mon"),
            ("CRON_TZ=UTC * 9 * * *", "* 9 * * *"),
        ] {
            assert_eq!(
                expression(text, false).as_deref(),
                Some(corrected),
                "{text}"
            );
        }
    }

    #[test]
    fn beside_other_schedules_names_and_steps_become_numbers() {
        for (text, corrected) in [
            ("* 9-18 * * mon-fri", "* 9-18 * * 1-5"),
            ("* */6 * * *", "* 0,6,12,18 * * *"),
            ("* 8-18/5 * * *", "* 8,13,18 * * *"),
            ("* */1 ? * *", "* * * * *"),
            ("* 9 *,5 * *", "* 9 * * *"),
            ("* 9,,12, * * *", "* 9,12 * * *"),
            ("0 9 * mar,oct sat", "* 9 * 3,10 6"),
        ] {
            assert_eq!(expression(text, true).as_deref(), Some(corrected), "{text}");
        }
        assert_eq!(expression("* */6 * jan mon", false), None);
    }

    #[test]
    fn what_is_right_or_beyond_help_has_no_correction() {
        for text in [
            "* 9-18 * * 1-5",
            "  *  9 * *  * ",
            "",
            "@daily",
            "* 9 * *",
            "* 25 * * *",
            "* x * * *",
            "* 9 0 * *",
            "* 9 32 * *",
            "* 9 * 13 *",
            "* 9 * * 8",
            "* 9 * * 5#1",
            "* */0 * * *",
            "* 1-2-3 * * *",
            "* , * * 7",
        ] {
            assert_eq!(expression(text, false), None, "{text}");
            assert_eq!(expression(text, true), None, "{text}");
        }
    }

    #[test]
    fn of_two_overlapping_schedules_one_gives_up_what_both_hold() {
        for (first, second, expected) in [
            ("* 9-12 * * *", "* 12-14 * * *", Some((1, "* 13-14 * * *"))),
            (
                "* 9-18 * * *",
                "* 12 * * *",
                Some((0, "* 9-11,13-18 * * *")),
            ),
            ("* 9 * * 1-5", "* 9 * * 5,6", Some((1, "* 9 * * 6"))),
            ("* 9 * * *", "* 9 * * 6", Some((0, "* 9 * * 0-5"))),
            ("* 9 1-15 * *", "* 9 15-31 * *", Some((1, "* 9 16-31 * *"))),
            ("* 9 * 1-6 *", "* 9 * 6-12 *", Some((1, "* 9 * 7-12 *"))),
            ("0 9-12 * * *", "0 12-14 * * *", Some((1, "* 13-14 * * *"))),
            ("* * * * *", "* * * * *", None),
            ("* 9 4 * 1", "* 9 4 * 1", None),
        ] {
            let expected = expected.map(|(n, text)| (n, text.to_owned()));
            assert_eq!(apart(first, second), expected, "{first} against {second}");
        }
    }

    #[test]
    fn a_range_without_any_day_or_hour_is_never() {
        for (expression, never) in [
            ("* 9-18 31 2 *", true),
            ("* * 30,31 2 *", true),
            ("* * 31 2,4,6 *", true),
            ("* , * * *", true),
            ("* * * , *", true),
            ("* * 29 2 *", false),
            ("* * 31 2,3 *", false),
            // Either kind of day will do when both are restricted.
            ("* * 31 2 1", false),
            ("* * 31 2 ,", true),
            ("* * * * *", false),
        ] {
            let range = TimeRange::parse(expression).unwrap();
            assert_eq!(is_never(&range), never, "{expression}");
        }
    }

    /// Texts of schedules, right and wrong, with every mistake that is known.
    fn any_text() -> impl Strategy<Value = String> {
        let part = |elements: &[&'static str]| {
            let element = prop::sample::select(elements.to_vec());
            prop::collection::vec(element, 1..3).prop_map(|elements| elements.join(","))
        };
        let number = "[0-9]{1,2}(-[0-9]{1,2})?(/[0-9])?";
        (
            prop::sample::select(vec!["*", "*", "0", "*/5"]),
            prop_oneof![
                part(&["*", "*/6", "9-18", "22-6", "24", "0-6", "9", "?"]),
                number
            ],
            prop_oneof![4 => part(&["*", "*", "1-15", "28-3", "4"]), 1 => number],
            prop_oneof![4 => part(&["*", "*", "mar", "1-6", "11-2"]), 1 => number],
            prop_oneof![
                part(&["*", "mon-fri", "1-5", "6,0", "7", "fri-mon"]),
                number
            ],
        )
            .prop_map(|(a, b, c, d, e)| format!("{a} {b} {c} {d} {e}"))
    }

    /// Texts that can be compared and mostly read.
    fn comparable_text() -> impl Strategy<Value = String> {
        let field = |min: u32, max: u32| {
            let set = prop::collection::btree_set(min..=max, 1..6);
            let list = set.prop_map(|set| values(set.into_iter().fold(0, |bits, n| bits | 1 << n)));
            prop_oneof![2 => Just("*".to_owned()), 3 => list]
        };
        let minute = prop::sample::select(vec!["*", "*", "0"]);
        (
            minute,
            field(0, 23),
            field(0, 31),
            field(1, 12),
            field(0, 6),
        )
            .prop_map(|(a, b, c, d, e)| format!("{a} {b} {c} {d} {e}"))
    }

    proptest! {
        #[test]
        fn a_corrected_text_is_readable_and_needs_no_more_correction(
            text in any_text(), company in any::<bool>(),
        ) {
            if let Some(corrected) = expression(&text, company) {
                prop_assert!(TimeRange::parse(&corrected).is_ok(), "{text}: {corrected}");
                prop_assert!(!company || overlap::is_comparable(&corrected), "{text}: {corrected}");
                prop_assert_eq!(expression(&corrected, company), None);
            }
        }

        #[test]
        fn schedules_that_were_set_apart_no_longer_overlap(
            a in comparable_text(), b in comparable_text(),
        ) {
            if overlap::check(&[&a, &b]) == Ok(()) {
                return Ok(());
            }
            if let Some((cut, corrected)) = apart(&a, &b) {
                prop_assert!(TimeRange::parse(&corrected).is_ok(), "{corrected}");
                let mut pair = [a.as_str(), b.as_str()];
                pair[cut] = &corrected;
                prop_assert_eq!(overlap::check(&pair), Ok(()), "{:?}", pair);
            }
        }

        #[test]
        fn no_text_makes_corrections_panic(a in "[-*?/,0-9a-z é]{0,30}", b in ".*") {
            for text in [&a, &b, &format!("* {a} * * {a}")] {
                drop(expression(text, true));
                drop(expression(text, false));
            }
            drop(apart(&a, &b));
        }
    }
}

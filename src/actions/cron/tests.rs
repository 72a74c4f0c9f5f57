//! Cron expressions read as continuous ranges, field by field.

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

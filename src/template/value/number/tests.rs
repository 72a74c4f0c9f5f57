//! Numbers against their decimal text.
use super::Number;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap().unwrap()
}

#[test]
fn text_is_read_and_written_with_all_digits_that_matter() {
    let cases = [
        ("0", "0"),
        ("-0", "-0"),
        ("007", "7"),
        ("+5", "5"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1.50", "1.5"),
        ("1e3", "1000"),
        ("1E-3", "0.001"),
        ("1p3", "8"),
        ("0.30000000000000004", "0.30000000000000004"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        ("1e40", "10000000000000000000000000000000000000000"),
    ];
    for (text, written) in cases {
        assert_eq!(number(text).to_string(), written, "{text}");
    }
    for text in [
        "", "-", ".", "e5", "1e", "1_0", "0x1F", " 5", "5 ", "1e+", "--1", "é",
    ] {
        assert_eq!(Number::parse(text).unwrap(), None, "{text}");
    }
}

#[test]
fn outcomes_have_the_precision_of_their_operands() {
    let third = |one: Number, three: Number| one.divided_by(&three).unwrap().to_string();
    let root = |value: f64| Number::from_float(value.sqrt()).unwrap();
    let cases = [
        (
            third(1.into(), 3.into()),
            "0.33333333333333333334".to_owned(),
        ),
        (
            third(number("1"), 3.into()),
            format!("0.{}5", "3".repeat(154)),
        ),
        (
            root(2.0).times(&root(3.0)).unwrap().to_string(),
            "2.4494897427831781237221939200634".into(),
        ),
        (
            root(2.0).divided_by(&root(3.0)).unwrap().to_string(),
            "0.8164965809277261".into(),
        ),
        (
            number("0.1").plus(&number("0.2")).unwrap().to_string(),
            "0.3".into(),
        ),
        (
            number("-7.5").modulo(&number("2")).unwrap().to_string(),
            "-1.5".into(),
        ),
        (
            number("1e30").modulo(&number("7")).unwrap().to_string(),
            "1".into(),
        ),
        (
            number("-5").modulo(&number("0")).unwrap().to_string(),
            "-5".into(),
        ),
        (number("-7.25").floored().to_string(), "-8".into()),
        (number("-7.25").ceiled().to_string(), "-7".into()),
        (number("7.25").ceiled().to_string(), "8".into()),
    ];
    for (outcome, expected) in cases {
        assert_eq!(outcome, expected);
    }
}

#[test]
fn what_has_no_outcome_is_refused() {
    let infinite = number("1").divided_by(&number("0")).unwrap();
    assert_eq!(infinite.to_string(), "+Inf");
    assert!(number("0").divided_by(&number("0")).is_err());
    assert!(infinite.minus(&infinite).is_err());
    assert!(infinite.times(&number("0")).is_err());
    assert!(Number::parse("1e999999999").is_err());
}

#[test]
fn a_tag_shows_ten_digits() {
    let cases = [
        ("12345678901234", "1.23456789e+13"),
        ("1234567890", "1234567890"),
        ("10000000000", "1e+10"),
        ("0.0001", "0.0001"),
        ("0.00001234567890123", "1.23456789e-05"),
        ("0", "0"),
        ("12.5", "12.5"),
        ("0.99999999999", "1"),
    ];
    for (text, tag) in cases {
        assert_eq!(number(text).to_general(10), tag, "{text}");
    }
}

#[test]
fn floating_point_goes_both_ways() {
    for value in [0.1, 1.0 / 3.0, 1e300, 5e-324, -2.5, 0.0, f64::MAX] {
        assert_eq!(Number::from_float(value).unwrap().to_float(), value);
    }
}

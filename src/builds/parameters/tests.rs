//! Every rule of parameter values, and where the classic flow differs from the others.

use super::*;
use crate::template::{Choice, DECREASING, INCREASING, MULTI_SELECT, NUMBER, STRING};

fn parameter(kind: &str) -> Definition {
    Definition {
        name: "p".to_owned(),
        kind: kind.to_owned(),
        mutable: true,
        ..Definition::default()
    }
}

fn options(values: &[&str]) -> Vec<Choice> {
    let option = |value: &&str| Choice {
        name: value.to_uppercase(),
        value: (*value).to_owned(),
        ..Choice::default()
    };
    values.iter().map(option).collect()
}

fn map(values: &[(&str, &str)]) -> Values {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// The value of the one parameter `p` for that of its preset, given by a person, and of the last build.
fn value(
    definition: &Definition,
    preset: Option<&str>,
    given: Option<&str>,
    last: Option<&str>,
) -> Result<String, Problem> {
    let [preset, given, last] =
        [preset, given, last].map(|value| map(value.map(|value| ("p", value)).as_slice()));
    let definitions = std::slice::from_ref(definition);
    let mut values = resolve(definitions, &preset, &given, Some(&last))?;
    Ok(values.remove("p").unwrap())
}

#[test]
fn values_are_checked_by_option_and_rule() {
    let bounded = Definition {
        validation_min: Some(1),
        validation_max: Some(32),
        ..parameter(NUMBER)
    };
    let worded = Definition {
        validation_error: "{value} is not within {min} and {max}".to_owned(),
        ..bounded.clone()
    };
    let only_worded = Definition {
        validation_error: "no".to_owned(),
        ..parameter(NUMBER)
    };
    let text = |regex: &str, error: &str| Definition {
        validation_regex: regex.to_owned(),
        validation_error: error.to_owned(),
        ..parameter(STRING)
    };
    let matching = text("^[a-z]+$", "only letters");
    let monotonic = Definition {
        validation_monotonic: INCREASING.to_owned(),
        ..bounded.clone()
    };
    let sideways = Definition {
        validation_monotonic: "sideways".to_owned(),
        ..parameter(NUMBER)
    };
    let bounded_text = Definition {
        kind: STRING.to_owned(),
        ..worded.clone()
    };
    let silent_text = Definition {
        kind: STRING.to_owned(),
        ..bounded.clone()
    };
    let matched_number = Definition {
        kind: NUMBER.to_owned(),
        ..matching.clone()
    };
    let choice = Definition {
        options: options(&["eu", "us"]),
        ..parameter(STRING)
    };
    let twice = Definition {
        options: options(&["1", "1", "many"]),
        ..parameter(NUMBER)
    };
    let ruled_choice = Definition {
        options: options(&["1", "99"]),
        ..worded.clone()
    };
    let lists = Definition {
        options: options(&[r#"["a"]"#]),
        ..parameter(LIST)
    };
    let elements = Definition {
        options: options(&["a", "b"]),
        form_type: MULTI_SELECT.to_owned(),
        ..parameter(LIST)
    };
    let no_list = r#"the value is not a JSON array of texts such as ["a","b"]"#;
    let no_option = r#"the value is not one of the options ["eu", "us"]"#;
    let not_within = "the value is not within 1 and 32";
    let cases: &[(&Definition, &str, Result<(), String>)] = &[
        (&parameter(STRING), "", Ok(())),
        (&parameter(STRING), "anything", Ok(())),
        (&parameter("unheard of"), "anything", Ok(())),
        // Without a rule any text is taken for a number, and without a text limits are no rule.
        (&parameter(NUMBER), "four", Ok(())),
        (&only_worded, "four", Ok(())),
        (&bounded, "33", Ok(())),
        (&bounded, "1.5", Ok(())),
        (&silent_text, "a", Ok(())),
        (&worded, "1", Ok(())),
        (&worded, "32", Ok(())),
        (
            &worded,
            "0",
            Err(format!("the value is below the minimum 1: {not_within}")),
        ),
        (
            &worded,
            "33",
            Err(format!("the value is above the maximum 32: {not_within}")),
        ),
        (
            &worded,
            "1.5",
            Err(format!(
                "the value is no whole number, as a rule needs it: {not_within}"
            )),
        ),
        (
            &monotonic,
            "33",
            Err("the value is above the maximum 32".to_owned()),
        ),
        (
            &monotonic,
            "x",
            Err("the value is no whole number, as a rule needs it".to_owned()),
        ),
        (
            &sideways,
            "1",
            Err("monotonic is neither increasing nor decreasing".to_owned()),
        ),
        (
            &bounded_text,
            "a",
            Err("min is a rule for numbers, not for string".to_owned()),
        ),
        (
            &matched_number,
            "1",
            Err("regex is a rule for texts, not for number".to_owned()),
        ),
        (&parameter(BOOL), "true", Ok(())),
        (&parameter(BOOL), "false", Ok(())),
        (
            &parameter(BOOL),
            "True",
            Err("the value is neither true nor false".to_owned()),
        ),
        (&parameter(LIST), "[]", Ok(())),
        (&parameter(LIST), r#"["a", null]"#, Ok(())),
        (&parameter(LIST), "null", Ok(())),
        (&parameter(LIST), "a", Err(no_list.to_owned())),
        (&parameter(LIST), "[1]", Err(no_list.to_owned())),
        (&matching, "abc", Ok(())),
        (
            &matching,
            "a\u{1b}c",
            Err(
                r#"the value does not match the regular expression "^[a-z]+$": only letters"#
                    .to_owned(),
            ),
        ),
        (
            &text("a", ""),
            "a",
            Err("a rule with a regular expression needs an error text".to_owned()),
        ),
        (
            &text("a**", "no"),
            "a",
            Err("the pattern is no regular expression".to_owned()),
        ),
        (
            &text("(", "no"),
            "a",
            Err("the pattern is no regular expression (unclosed group)".to_owned()),
        ),
        (&choice, "eu", Ok(())),
        (&choice, "EU", Err(no_option.to_owned())),
        // The options themselves are not looked at.
        (&twice, "many", Ok(())),
        (&ruled_choice, "1", Ok(())),
        (
            &ruled_choice,
            "99",
            Err(format!("the value is above the maximum 32: {not_within}")),
        ),
        (&lists, r#"["a"]"#, Ok(())),
        (
            &lists,
            "[]",
            Err(r#"the value is not one of the options ["[\"a\"]"]"#.to_owned()),
        ),
        (&elements, r#"["b","a"]"#, Ok(())),
        (&elements, "[]", Ok(())),
        (&elements, "null", Ok(())),
        (
            &elements,
            r#"["a","c"]"#,
            Err(r#"an element of the value is not one of the options ["a", "b"]"#.to_owned()),
        ),
        (
            &elements,
            r#"["a",null]"#,
            Err(r#"an element of the value is not one of the options ["a", "b"]"#.to_owned()),
        ),
        (&elements, "a", Err(no_list.to_owned())),
    ];
    for (definition, given, expected) in cases {
        let expected = expected.clone().map(|()| (*given).to_owned());
        let expected = expected.map_err(|problem| {
            Problem::Invalid(format!("parameter \"p\" is {given:?}: {problem}"))
        });
        let outcome = value(definition, Some(given), None, None);
        assert_eq!(outcome, expected, "{given:?} for {definition:?}");
    }
}

/// One parameter `p`: what it is, its preset, given and previous value, and the outcome.
type Case<'a> = (
    &'a Definition,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Result<&'a str, &'a str>,
);

#[test]
fn values_are_resolved_by_precedence_and_rule() {
    let plain = Definition {
        default_value: "default".to_owned(),
        ..parameter(STRING)
    };
    let required = Definition {
        required: true,
        ..parameter(STRING)
    };
    let immutable = Definition {
        mutable: false,
        ..plain.clone()
    };
    let ephemeral = Definition {
        ephemeral: true,
        ..plain.clone()
    };
    let required_once = Definition {
        ephemeral: true,
        ..required.clone()
    };
    let growing = Definition {
        default_value: "1".to_owned(),
        validation_monotonic: INCREASING.to_owned(),
        ..parameter(NUMBER)
    };
    let shrinking = Definition {
        validation_monotonic: DECREASING.to_owned(),
        ..growing.clone()
    };
    let flag = Definition {
        default_value: "false".to_owned(),
        ..parameter(BOOL)
    };
    let no_value = ": a value is required, and there is no default";
    let empty = ": the value is empty, but one is required";
    let cases: &[Case<'_>] = &[
        (
            &plain,
            Some("preset"),
            Some("given"),
            Some("last"),
            Ok("preset"),
        ),
        (&plain, None, Some("given"), Some("last"), Ok("given")),
        (&plain, None, None, Some("last"), Ok("last")),
        (&plain, None, None, None, Ok("default")),
        (&plain, None, Some(""), Some("last"), Ok("")),
        (&required, None, None, None, Err(no_value)),
        (&required, Some(""), None, None, Err(empty)),
        (&required, None, None, Some(""), Err(empty)),
        (&required, None, None, Some("last"), Ok("last")),
        (&required_once, None, None, Some("last"), Err(empty)),
        (&immutable, Some("preset"), None, None, Ok("preset")),
        (&immutable, Some("last"), None, Some("last"), Ok("last")),
        (
            &immutable,
            None,
            Some("given"),
            Some("last"),
            Err(": it is immutable and would change"),
        ),
        (&ephemeral, Some("preset"), None, Some("last"), Ok("preset")),
        (&ephemeral, None, None, Some("last"), Ok("default")),
        (&growing, Some("5"), None, Some("5"), Ok("5")),
        (&growing, Some("6"), None, Some("5"), Ok("6")),
        (&growing, Some("4"), None, None, Ok("4")),
        (
            &growing,
            Some("4"),
            None,
            Some("5"),
            Err(" is \"4\": the value is below that of the last build; it may only grow"),
        ),
        // A previous value that is no number never breaks the rule.
        (&growing, Some("4"), None, Some("x"), Ok("4")),
        (&shrinking, Some("4"), None, Some("5"), Ok("4")),
        (
            &shrinking,
            Some("6"),
            None,
            Some("5"),
            Err(" is \"6\": the value is above that of the last build; it may only shrink"),
        ),
        // An empty value is judged as the default, and kept empty.
        (&flag, None, Some(""), None, Ok("")),
        (
            &flag,
            None,
            Some("no"),
            None,
            Err(" is \"no\": the value is neither true nor false"),
        ),
    ];
    for (definition, preset, given, last, expected) in cases {
        let expected = expected
            .map(str::to_owned)
            .map_err(|error| Problem::Invalid(format!("parameter \"p\"{error}")));
        let outcome = value(definition, *preset, *given, *last);
        assert_eq!(
            outcome, expected,
            "{preset:?} {given:?} {last:?} for {definition:?}"
        );
    }
}

#[test]
fn a_delete_build_carries_values_over_and_drops_ephemeral_ones() {
    let kept = Definition {
        name: "kept".to_owned(),
        ..parameter(STRING)
    };
    let once = Definition {
        name: "once".to_owned(),
        default_value: "off".to_owned(),
        ephemeral: true,
        ..parameter(STRING)
    };
    let fixed = Definition {
        name: "fixed".to_owned(),
        mutable: false,
        required: true,
        ..parameter(STRING)
    };
    let last = map(&[
        ("kept", "a"),
        ("once", "on"),
        ("fixed", "b"),
        ("undeclared", "c"),
    ]);
    assert_eq!(
        resolve(&[kept, once, fixed], &map(&[]), &map(&[]), Some(&last)),
        Ok(map(&[("kept", "a"), ("once", "off"), ("fixed", "b")]))
    );
}

#[test]
fn every_parameter_that_fails_is_reported() {
    let required = |name: &str| Definition {
        name: name.to_owned(),
        required: true,
        ..parameter(STRING)
    };
    let problem = resolve(
        &[required("b"), required("a\n")],
        &map(&[]),
        &map(&[]),
        None,
    );
    let no_value = "a value is required, and there is no default";
    let expected = format!("parameter \"b\": {no_value}; parameter \"a\\n\": {no_value}");
    assert_eq!(problem, Err(Problem::Invalid(expected)));
}

#[test]
fn rules_that_are_too_large_are_unknown_and_stray_values_are_dropped() {
    let large = Definition {
        validation_regex: r"(\pL{1000}|\pN){1}".repeat(40),
        validation_error: "no".to_owned(),
        ..parameter(STRING)
    };
    let outcome = value(&large, Some("a"), None, None);
    assert!(matches!(outcome, Err(Problem::Unknown(_))), "{outcome:?}");
    let preset = map(&[("p", "a"), ("stray", "x")]);
    let values = resolve(&[parameter(STRING)], &preset, &map(&[]), None);
    assert_eq!(values, Ok(map(&[("p", "a")])));
}

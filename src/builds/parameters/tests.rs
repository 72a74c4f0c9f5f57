//! Every rule of parameter values, and where the two flows differ.

use super::*;

fn parameter(kind: &str) -> ParameterDefinition {
    ParameterDefinition {
        name: "p".to_owned(),
        kind: kind.to_owned(),
        mutable: true,
        ..ParameterDefinition::default()
    }
}

fn options(values: &[&str]) -> Vec<OptionDefinition> {
    let option = |value: &&str| OptionDefinition {
        name: value.to_uppercase(),
        value: (*value).to_owned(),
        ..OptionDefinition::default()
    };
    values.iter().map(option).collect()
}

fn map(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn values_are_checked_by_type_and_rule() {
    let bounded = ParameterDefinition {
        validation_min: Some(1),
        validation_max: Some(32),
        ..parameter(NUMBER)
    };
    let worded = ParameterDefinition {
        validation_error: "{value} is not within {min} and {max}".to_owned(),
        ..bounded.clone()
    };
    let matching = ParameterDefinition {
        validation_regex: "^[a-z]+$".to_owned(),
        ..parameter(STRING)
    };
    let broken = ParameterDefinition {
        validation_regex: "(".to_owned(),
        ..parameter(STRING)
    };
    let monotonic = ParameterDefinition {
        validation_monotonic: INCREASING.to_owned(),
        ..parameter(NUMBER)
    };
    let choice = ParameterDefinition {
        options: options(&["eu", "us"]),
        ..parameter(STRING)
    };
    let lists = ParameterDefinition {
        options: options(&[r#"["a"]"#]),
        ..parameter(LIST)
    };
    let elements = ParameterDefinition {
        options: options(&["a", "b"]),
        form_type: MULTI_SELECT.to_owned(),
        ..parameter(LIST)
    };
    let not_a_list = r#"is not a JSON array of texts such as ["a","b"]"#;
    let not_whole = "is not a whole number, as its minimum, maximum or monotonic rule needs";
    let cases: &[(&ParameterDefinition, &str, Option<String>)] = &[
        (&parameter(STRING), "", None),
        (&parameter(STRING), "anything", None),
        (&parameter("unheard of"), "anything", None),
        (&parameter(NUMBER), "1.5", None),
        (&parameter(NUMBER), "-3", None),
        (&parameter(NUMBER), "", None),
        (
            &parameter(NUMBER),
            "inf",
            Some(r#"value "inf" is not a number"#.to_owned()),
        ),
        (
            &parameter(NUMBER),
            "4 cores",
            Some(r#"value "4 cores" is not a number"#.to_owned()),
        ),
        (&bounded, "1", None),
        (&bounded, "32", None),
        (
            &bounded,
            "0",
            Some(r#"value "0" is below the minimum 1"#.to_owned()),
        ),
        (
            &bounded,
            "33",
            Some(r#"value "33" is above the maximum 32"#.to_owned()),
        ),
        (&bounded, "1.5", Some(format!(r#"value "1.5" {not_whole}"#))),
        (&bounded, "", Some(format!(r#"value "" {not_whole}"#))),
        (
            &worded,
            "{min}",
            Some(r#"value "{min}" is refused: "{min} is not within 1 and 32""#.to_owned()),
        ),
        (&monotonic, "x", Some(format!(r#"value "x" {not_whole}"#))),
        (&parameter(BOOL), "true", None),
        (&parameter(BOOL), "false", None),
        (
            &parameter(BOOL),
            "True",
            Some(r#"value "True" is neither "true" nor "false""#.to_owned()),
        ),
        (&parameter(LIST), "[]", None),
        (&parameter(LIST), r#"["a"]"#, None),
        (
            &parameter(LIST),
            "a",
            Some(format!(r#"value "a" {not_a_list}"#)),
        ),
        (
            &parameter(LIST),
            "[1]",
            Some(format!(r#"value "[1]" {not_a_list}"#)),
        ),
        (&matching, "abc", None),
        (
            &matching,
            "a\u{1b}c",
            Some(r#"value "a\u{1b}c" does not match the regular expression "^[a-z]+$""#.to_owned()),
        ),
        (
            &broken,
            "a",
            Some(
                r#"the rule "(" is not a regular expression that prebuildctl can read"#.to_owned(),
            ),
        ),
        (&choice, "eu", None),
        (
            &choice,
            "EU",
            Some(r#"value "EU" is not one of the options ["eu", "us"]"#.to_owned()),
        ),
        (&lists, r#"["a"]"#, None),
        (
            &lists,
            "[]",
            Some(r#"value "[]" is not one of the options ["[\"a\"]"]"#.to_owned()),
        ),
        (&elements, r#"["b","a"]"#, None),
        (&elements, "[]", None),
        (
            &elements,
            r#"["a","c"]"#,
            Some(r#"element "c" is not one of the options ["a", "b"]"#.to_owned()),
        ),
        (&elements, "a", Some(format!(r#"value "a" {not_a_list}"#))),
    ];
    for (definition, value, expected) in cases {
        assert_eq!(
            definition.check_value(value).err(),
            *expected,
            "{value:?} for {definition:?}"
        );
    }
}

/// One parameter `p`: what it is, its preset, given and previous value, and the outcome.
type Case<'a> = (
    &'a ParameterDefinition,
    Option<&'a str>,
    Option<&'a str>,
    Option<&'a str>,
    Result<&'a str, &'a str>,
);

#[test]
fn values_are_resolved_by_precedence_and_rule() {
    let plain = ParameterDefinition {
        default_value: "default".to_owned(),
        ..parameter(STRING)
    };
    let required = ParameterDefinition {
        required: true,
        ..parameter(STRING)
    };
    let immutable = ParameterDefinition {
        mutable: false,
        ..plain.clone()
    };
    let ephemeral = ParameterDefinition {
        ephemeral: true,
        ..plain.clone()
    };
    let growing = ParameterDefinition {
        default_value: "1".to_owned(),
        validation_monotonic: INCREASING.to_owned(),
        ..parameter(NUMBER)
    };
    let shrinking = ParameterDefinition {
        validation_monotonic: DECREASING.to_owned(),
        ..growing.clone()
    };
    let flag = ParameterDefinition {
        default_value: "false".to_owned(),
        ..parameter(BOOL)
    };
    let no_value = "a value is required, and there is no default";
    let empty = "the value is empty, but one is required";
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
        (&immutable, Some("preset"), None, None, Ok("preset")),
        (&immutable, Some("last"), None, Some("last"), Ok("last")),
        (
            &immutable,
            None,
            Some("given"),
            Some("last"),
            Err(
                "value \"given\" differs from the last build's \"last\", and the parameter \
                 is immutable",
            ),
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
            Err("value \"4\" is below the last build's 5; it may only grow"),
        ),
        (
            &growing,
            Some("4"),
            None,
            Some("x"),
            Err("value \"x\" is not a whole number, as its monotonic rule needs"),
        ),
        (&shrinking, Some("4"), None, Some("5"), Ok("4")),
        (
            &shrinking,
            Some("6"),
            None,
            Some("5"),
            Err("value \"6\" is above the last build's 5; it may only shrink"),
        ),
        // An empty value is judged as the default, and kept empty.
        (&flag, None, Some(""), None, Ok("")),
        (
            &flag,
            None,
            Some("no"),
            None,
            Err("value \"no\" is neither \"true\" nor \"false\""),
        ),
    ];
    for (definition, preset, given, last, expected) in cases {
        let one = |value: &Option<&str>| map(value.map(|value| ("p", value)).as_slice());
        let resolved = resolve(
            std::slice::from_ref(definition),
            &one(preset),
            &one(given),
            Some(&one(last)),
        );
        let expected = expected
            .map(|value| map(&[("p", value)]))
            .map_err(|error| Problem::Invalid(format!("parameter \"p\": {error}")));
        assert_eq!(
            resolved, expected,
            "{preset:?} {given:?} {last:?} for {definition:?}"
        );
    }
}

#[test]
fn a_delete_build_carries_values_over_and_drops_ephemeral_ones() {
    let kept = ParameterDefinition {
        name: "kept".to_owned(),
        ..parameter(STRING)
    };
    let once = ParameterDefinition {
        name: "once".to_owned(),
        default_value: "off".to_owned(),
        ephemeral: true,
        ..parameter(STRING)
    };
    let fixed = ParameterDefinition {
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
    let required = |name: &str| ParameterDefinition {
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
fn rules_that_can_not_be_read_are_unknown_and_stray_values_are_dropped() {
    let unreadable = ParameterDefinition {
        validation_regex: "(?=a)".to_owned(),
        ..parameter(STRING)
    };
    let preset = map(&[("p", "a"), ("stray", "x")]);
    let resolved = |definition| resolve(&[definition], &preset, &map(&[]), None);
    let outcome = resolved(unreadable);
    assert!(matches!(outcome, Err(Problem::Unknown(_))), "{outcome:?}");
    // Without a rule any text is taken for a number.
    assert_eq!(resolved(parameter(NUMBER)), Ok(map(&[("p", "a")])));
}

#[test]
fn expressions_match_as_the_server_matches_them() {
    let cases = [
        (r"^\d+$", "42", Some(true)),
        (r"^\d+$", "٤٢", Some(false)),
        (r"^\w+$", "größe", Some(false)),
        (r"^[\w-]+$", "a-b_c", Some(true)),
        (r"^[^\s]+$", "a b", Some(false)),
        (r"\bweb\b", "a web b", Some(true)),
        (r"^[[a]$", "[", Some(true)),
        (r"^[]a]+$", "a]", Some(true)),
        (r"^[[:alpha:]]+$", "abc", Some(true)),
        (r"^[[:^alpha:]]+$", "12", Some(true)),
        // Colons and brackets outside a named class stand for themselves.
        (r"^[[:alnum:]:][a-z]+$", ":a", Some(true)),
        (r"^[[:alpha:]_:]+$", "a_:", Some(true)),
        (r"^[a:]+$", "a:", Some(true)),
        (r"^[[:a]+$", "[:a", Some(true)),
        (r"^[[:letters:]]+$", "a", None),
        (r"^[a&&b]$", "&", Some(true)),
        (r"(?i)^eu$", "EU", Some(true)),
        (r"^a.c$", "a\nc", Some(false)),
        (r"(?=a)", "a", None),
        (r"\Qa.b\E", "a.b", None),
        (r"[a", "a", None),
    ];
    for (pattern, text, expected) in cases {
        let matched = pattern::compile(pattern).map(|regex| regex.is_match(text));
        assert_eq!(matched, expected, "{pattern:?} on {text:?}");
    }
}

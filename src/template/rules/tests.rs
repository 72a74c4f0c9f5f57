use super::*;

fn definition(kind: &str) -> Definition {
    Definition {
        name: "p".to_owned(),
        kind: kind.to_owned(),
        ..Definition::default()
    }
}

fn options(values: &[&str]) -> Vec<Choice> {
    let option = |value: &&str| Choice {
        name: format!("option {value}"),
        value: (*value).to_owned(),
        ..Choice::default()
    };
    values.iter().map(option).collect()
}

#[track_caller]
fn judged(definition: &Definition, value: Option<&str>, expected: Option<Reason>) {
    let got = definition.check(value).err().map(|misfit| misfit.reason);
    assert_eq!(got, expected, "{value:?}");
}

#[test]
fn a_missing_value_is_judged_by_a_rule_only() {
    for kind in [STRING, NUMBER, BOOL, LIST] {
        judged(&definition(kind), None, None);
    }
    let mut number = definition(NUMBER);
    number.validation_min = Some(1);
    judged(&number, None, Some(Reason::Validation));
    number.options = options(&["1", "2"]);
    judged(&number, None, Some(Reason::Option));
}

#[test]
fn options_come_before_the_rule_and_the_rule_before_the_type() {
    let mut number = definition(NUMBER);
    number.options = options(&["1", "9"]);
    number.validation_max = Some(5);
    judged(&number, Some("1"), None);
    judged(&number, Some("3"), Some(Reason::Option));
    judged(&number, Some("9"), Some(Reason::Validation));
}

#[test]
fn limits_count_from_both_ends() {
    let number = Definition {
        validation_min: Some(-2),
        validation_max: Some(2),
        ..definition(NUMBER)
    };
    for (value, fits) in [
        ("-2", true),
        ("+2", true),
        ("-3", false),
        ("3", false),
        ("1.0", false),
    ] {
        judged(&number, Some(value), (!fits).then_some(Reason::Validation));
    }
}

#[test]
fn limits_of_a_stored_definition_count_only_beside_a_text_or_another_rule() {
    let limits = Definition {
        validation_min: Some(1),
        validation_max: Some(8),
        ..definition(NUMBER)
    };
    judged(&limits.held(), Some("16"), None);
    judged(&limits.held(), Some("1.5"), None);
    let change: [fn(&mut Definition); 2] = [
        |it| it.validation_error = "no".to_owned(),
        |it| it.validation_monotonic = INCREASING.to_owned(),
    ];
    for change in change {
        let mut limits = limits.clone();
        change(&mut limits);
        judged(&limits.held(), Some("16"), Some(Reason::Validation));
        judged(&limits.held(), Some("8"), None);
    }
}

#[test]
fn numbers_are_those_of_go() {
    for (value, fits) in [
        ("1e3", true),
        ("-.5", true),
        ("inf", true),
        ("NaN", true),
        ("1e400", false),
        ("four", false),
        ("", false),
    ] {
        let expected = (!fits).then_some(Reason::Validation);
        judged(&definition(NUMBER), Some(value), expected);
    }
}

#[test]
fn a_refusal_has_the_authors_words_with_limits_but_without_the_value() {
    let number = Definition {
        validation_min: Some(1),
        validation_max: Some(4),
        validation_error: "{value} is not from {min} to {max}".to_owned(),
        ..definition(NUMBER)
    };
    let misfit = number.check(Some("77")).unwrap_err();
    assert_eq!(
        [misfit.message, misfit.with_limit],
        [
            "the value is above the maximum: the value is not from 1 to 4",
            "the value is above the maximum 4: the value is not from 1 to 4"
        ]
    );
}

#[test]
fn a_regular_expression_that_explodes_is_not_compiled() {
    let text = Definition {
        validation_regex: "(((a{1000}){1000}){1000})".to_owned(),
        validation_error: "e".to_owned(),
        ..definition(STRING)
    };
    judged(&text, Some("a"), Some(Reason::Definition));
}

#[test]
fn lists_may_hold_nulls_as_go_reads_them() {
    for value in ["null", "[null]", "[\"a\",null]", " [ ] "] {
        judged(&definition(LIST), Some(value), None);
    }
    for value in ["", "[1]", "\"a\"", "{}", "[[]]"] {
        judged(&definition(LIST), Some(value), Some(Reason::Validation));
    }
}

#[test]
fn an_unknown_type_spoils_a_parameter() {
    judged(
        &definition("set(string)"),
        Some("[]"),
        Some(Reason::Definition),
    );
}

#[test]
fn each_type_has_its_usual_form() {
    let usual = |kind, has_options| form_type(kind, has_options, "").map(|(_, form)| form);
    assert_eq!(usual(STRING, false), Ok("input"));
    assert_eq!(usual(NUMBER, false), Ok("input"));
    assert_eq!(usual(BOOL, false), Ok("checkbox"));
    assert_eq!(usual(LIST, false), Ok("tag-select"));
    for kind in [STRING, NUMBER, BOOL, LIST] {
        assert_eq!(usual(kind, true), Ok("radio"));
    }
    assert_eq!(
        form_type(LIST, true, MULTI_SELECT),
        Ok((STRING, MULTI_SELECT))
    );
    assert!(form_type(STRING, true, MULTI_SELECT).is_err());
}

#[test]
fn a_monotonic_rule_looks_at_whole_numbers_only() {
    let fits = |monotonic: &str, value, previous| {
        let number = Definition {
            validation_monotonic: monotonic.to_owned(),
            ..definition(NUMBER)
        };
        number.check_monotonic(value, previous).is_ok()
    };
    assert!(
        fits(INCREASING, "5", "5") && fits(INCREASING, "6", "5") && !fits(INCREASING, "4", "5")
    );
    assert!(
        fits(DECREASING, "5", "5") && !fits(DECREASING, "6", "5") && fits(DECREASING, "4", "5")
    );
    assert!(fits(INCREASING, "1", "much") && fits(INCREASING, "much", "9"));
}

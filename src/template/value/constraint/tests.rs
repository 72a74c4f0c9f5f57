//! Constraints against what they make of values.
use hcl_edit::expr::Expression;

use super::{Constraint, Nothing};
use crate::template::evaluate::{Budget, evaluate};
use crate::template::value::{Value, to_json};

fn applied(constraint: &str, value: &str) -> Option<String> {
    let constraint = Constraint::parse(&constraint.parse::<Expression>().unwrap()).ok()?;
    let value = evaluate(&value.parse().unwrap(), &Nothing(Budget::default())).unwrap();
    Some(to_json(&constraint.apply(&value).ok()?).unwrap())
}

#[test]
fn a_value_takes_the_type_of_its_variable() {
    let cases = [
        ("string", "5", "\"5\""),
        ("number", "\"5\"", "5"),
        ("bool", "\"true\"", "true"),
        ("any", "[1, \"a\"]", "[1,\"a\"]"),
        ("list(string)", "[1, true]", "[\"1\",\"true\"]"),
        ("set(string)", "[\"b\", \"a\", \"b\"]", "[\"a\",\"b\"]"),
        ("map(number)", "{ a = \"1\" }", "{\"a\":1}"),
        ("list(any)", "[1, \"a\"]", "[\"1\",\"a\"]"),
        ("tuple([string, number])", "[1, \"2\"]", "[\"1\",2]"),
        (
            "object({ a = string })",
            "{ a = 1, b = 2 }",
            "{\"a\":\"1\"}",
        ),
        ("\"string\"", "1", "\"1\""),
        ("list", "[1, 2]", "[1,2]"),
        ("map", "{ a = 1 }", "{\"a\":1}"),
        ("object({ a = optional(string) })", "{}", "{\"a\":null}"),
        (
            "object({ a = optional(string, \"x\") })",
            "{}",
            "{\"a\":\"x\"}",
        ),
        (
            "object({ a = optional(string, \"x\") })",
            "{ a = null }",
            "{\"a\":\"x\"}",
        ),
        (
            "object({ a = optional(string, \"x\") })",
            "{ a = 1 }",
            "{\"a\":\"1\"}",
        ),
        (
            "object({ a = optional(object({ b = optional(number, 1) }), {}) })",
            "{}",
            "{\"a\":{\"b\":1}}",
        ),
        (
            "list(object({ a = string, b = optional(number, 7) }))",
            "[{ a = 1 }, { a = 2, b = 3 }]",
            "[{\"a\":\"1\",\"b\":7},{\"a\":\"2\",\"b\":3}]",
        ),
        (
            "map(object({ b = optional(bool, true) }))",
            "{ k = {} }",
            "{\"k\":{\"b\":true}}",
        ),
    ];
    for (constraint, value, expected) in cases {
        assert_eq!(
            applied(constraint, value).as_deref(),
            Some(expected),
            "{constraint} of {value}"
        );
    }
}

#[test]
fn what_doesnt_fit_is_refused() {
    let cases = [
        ("number", "\"x\""),
        ("list(string)", "\"x\""),
        ("object({ a = string })", "{}"),
        ("tuple([string])", "[1, 2]"),
        ("text", "1"),
        ("list(string, string)", "[]"),
        ("object({ a = optional(number, \"x\") })", "{}"),
    ];
    for (constraint, value) in cases {
        assert_eq!(applied(constraint, value), None, "{constraint} of {value}");
    }
}

#[test]
fn an_unknown_value_has_the_type_all_the_same() {
    let constraint = Constraint::parse(&"list(string)".parse().unwrap()).unwrap();
    let value = constraint.apply(&Value::unknown()).unwrap();
    assert_eq!(value.type_of().to_string(), "list of string");
}

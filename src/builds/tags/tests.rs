//! Expressions by what comes of them.

use super::*;
use crate::model::testing::parse_mutated;

fn variables() -> Vec<Variable> {
    let variable = |(name, kind, value): (&str, &str, &str)| Variable {
        name: name.to_owned(),
        kind: kind.to_owned(),
        value: value.to_owned(),
        ..Variable::default()
    };
    [
        ("zone", "string", "a"),
        ("count", "number", "3"),
        ("gpu", "bool", "true"),
        ("list", "list(string)", "[]"),
    ]
    .map(variable)
    .into()
}

fn evaluated(expression: &str) -> Result<String, Problem> {
    let parameters = [
        ("region", "eu"),
        ("cpu", "8"),
        ("gpu", "true"),
        ("my size", "xl"),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let tags = BTreeMap::from([("tag".to_owned(), expression.to_owned())]);
    evaluate_all(&tags, Some(&variables()), &parameters.into())
        .map(|mut tags| tags.remove("tag").unwrap())
}

/// `i` stands for invalid, `u` for unknown.
const I: Result<&str, char> = Err('i');
const U: Result<&str, char> = Err('u');

type Case = (&'static str, Result<&'static str, char>);

#[test]
fn expressions_give_what_coder_gives_or_nothing() {
    let nested = "(".repeat(70);
    let cases: &[Case] = &[
        ("\"plain\"", Ok("plain")),
        ("\"\"", Ok("")),
        ("true", Ok("true")),
        ("5", Ok("5")),
        ("-5", Ok("-5")),
        ("1.50", Ok("1.5")),
        ("0.0001", Ok("0.0001")),
        ("12345678901", Ok("1.23456789e+10")),
        ("0.00001", Ok("1e-05")),
        ("null", I),
        ("[\"a\"]", I),
        // An object is no map.
        ("{ value = \"a\" }", I),
        ("tomap({ value = \"a\" })", Ok("a")),
        ("tomap({ value = 1 })", I),
        ("tomap({ other = \"a\" })", I),
        ("", U),
        ("a b", U),
        // Names.
        ("data.coder_parameter.region.value", Ok("eu")),
        ("data.coder_parameter.region", Ok("eu")),
        ("data", I),
        ("data.coder_parameter[\"my size\"].value", Ok("xl")),
        ("data.coder_parameter.nope.value", I),
        ("data.coder_parameter.region.name", I),
        ("var.zone", Ok("a")),
        ("var.zone.value", Ok("a")),
        ("var.count", Ok("3")),
        ("var.nope", I),
        ("var.list", Ok("[]")),
        ("var", I),
        ("local.zone", I),
        ("data.coder_workspace_owner.me.name", I),
        ("data.coder_workspace_owner.anyone.name", I),
        ("data.coder_workspace_owner.me.email", I),
        ("data.coder_workspace.me.name", I),
        // Templates.
        ("\"z-${data.coder_parameter.region.value}\"", Ok("z-eu")),
        ("\"${data.coder_parameter.region.value}\"", Ok("eu")),
        ("\"n${1 + 1}-${true}\"", Ok("n2-true")),
        ("\"z-${var.zone}\"", I),
        ("\"n-${null}\"", I),
        ("\"$${x}\"", Ok("${x}")),
        ("\"%{ if true }a%{ endif }\"", Ok("a")),
        // Operators and conversions.
        (
            "data.coder_parameter.cpu.value >= 8 ? \"big\" : \"small\"",
            Ok("big"),
        ),
        (
            "data.coder_parameter.cpu.value == 8 ? \"a\" : \"b\"",
            Ok("b"),
        ),
        ("data.coder_parameter.gpu.value ? \"a\" : \"b\"", Ok("a")),
        ("data.coder_parameter.region.value ? \"a\" : \"b\"", I),
        ("data.coder_parameter.region.value > 1 ? \"a\" : \"b\"", I),
        (
            "!data.coder_parameter.gpu.value && true ? \"a\" : \"b\"",
            Ok("b"),
        ),
        ("var.zone == \"a\" ? \"same\" : \"other\"", Ok("other")),
        ("true ? var.zone : \"b\"", I),
        ("true ? \"a\" : local.b", Ok("a")),
        ("true ? 1 : \"b\"", Ok("1")),
        ("true ? 1 : false", I),
        ("false || null == null ? \"a\" : \"b\"", Ok("a")),
        ("\"n${6 / 2 * 7 - 1 % 2}\"", Ok("n20")),
        ("1 / 0", Ok("+Inf")),
        ("\"${1 / 3}\"", Ok("0.3333333333")),
        ("\"${0.1 + 0.2}\"", Ok("0.3")),
        (
            "{ eu = \"west\", us = \"east\" }[data.coder_parameter.region.value]",
            Ok("west"),
        ),
        ("[\"a\", \"b\"][1]", Ok("b")),
        ("[\"a\"][1]", I),
        // Functions and loops.
        ("lower(\"A\")", Ok("a")),
        ("true ? \"a\" : lower(\"A\")", Ok("a")),
        ("join(\",\", [for x in [\"a\"] : x])", Ok("a")),
        ("[\"a\"][*]", I),
        (
            "format(\"region is %s\", data.coder_parameter.region.value)",
            Ok("region is eu"),
        ),
        ("lower(var.zone)", I),
        ("lower(var.zone.value)", Ok("a")),
        ("try(data.coder_parameter.region.value, \"x\")", Ok("eu")),
        ("try(data.coder_parameter.nope.value, \"x\")", Ok("x")),
        ("try(local.x, data.coder_workspace.me.name, \"x\")", Ok("x")),
        ("tostring(can(data.coder_parameter.nope))", Ok("false")),
        (
            "lookup({ eu = \"1\" }, data.coder_parameter.region.value, \"0\")",
            Ok("1"),
        ),
        (
            "tostring(data.coder_parameter.region.value == \"eu\")",
            Ok("true"),
        ),
        (
            "coalesce(\"\", data.coder_parameter.region.value)",
            Ok("eu"),
        ),
        ("jsondecode(\"[\\\"a\\\"]\")[0]", Ok("a")),
        (
            "join(\",\", sort(keys(data.coder_parameter)))",
            Ok("cpu,gpu,my size,region"),
        ),
        ("length(data[\"coder_parameter\"])", Ok("4")),
        ("basename(\"a/b\")", Ok("b")),
        // None that reads files, and none that came later; those that came to an end are left to coderd.
        ("file(\"a\")", I),
        ("try(file(\"a\"), \"x\")", Ok("x")),
        ("join(\",\", fileset(\".\", \"*\"))", I),
        ("abspath(\"/a\")", I),
        ("tostring(fileexists(\"a\"))", I),
        ("sum([1])", I),
        ("one([\"a\"])", I),
        ("startswith(\"ab\", \"a\") ? \"x\" : \"y\"", I),
        ("try(one([\"a\"]), \"x\")", Ok("x")),
        ("templatestring(\"a\", {})", I),
        ("list(\"a\")[0]", U),
        ("base64gzip(\"a\")", U),
        ("timestamp()", U),
        (Box::leak(nested.into_boxed_str()), U),
    ];
    for (expression, expected) in cases {
        let outcome = evaluated(expression);
        let short = match &outcome {
            Ok(text) => Ok(text.as_str()),
            Err(Problem::Invalid(_)) => I,
            Err(Problem::Unknown(_)) => U,
        };
        assert_eq!(short, *expected, "{expression}: {outcome:?}");
    }
}

#[test]
fn one_certain_problem_makes_the_whole_certain() {
    let none = BTreeMap::new();
    let tags = [("a", "var.a"), ("b", "local.b"), ("c", "\"fine\"")];
    let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let problem = evaluate_all(&tags.into(), None, &none).unwrap_err();
    let Problem::Invalid(text) = problem else {
        panic!("{problem:?}");
    };
    assert!(
        text.contains("\"a\"") && text.contains("\"b\"") && !text.contains("\"c\""),
        "{text}"
    );
    // Where the database doesn't hold variables, nothing is known about them.
    let tags = BTreeMap::from([("a".to_owned(), "var.a".to_owned())]);
    let outcome = evaluate_all(&tags, None, &none);
    assert!(matches!(outcome, Err(Problem::Unknown(_))), "{outcome:?}");
}

/// Expressions with what coderd 2.36.0 gives for each as a tag of a dynamic template: a text, null
/// where it refuses, false where the tag is left out.
const RENDERED: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/template/expressions/expressions.jsonl"
));

#[test]
fn constant_expressions_come_to_the_same_in_both_flows() {
    // What is not constant, what reads files, and functions that classic tags don't have.
    let differing = [
        "data.",
        "local.",
        "path.",
        "each.",
        "file",
        "abspath",
        "pathexpand",
        "alltrue",
        "anytrue",
        "endswith",
        "issensitive",
        "sensitive(",
        "one(",
        "startswith",
        "strcontains",
        "sum(",
        "textdecodebase64",
        "textencodebase64",
        "timecmp",
        "list(",
        "map(",
        "rsadecrypt",
    ];
    let mut compared = 0;
    for line in RENDERED.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let expression = case["expression"].as_str().unwrap();
        if differing.iter().any(|word| expression.contains(word)) {
            continue;
        }
        match (evaluated(expression), &case["text"]) {
            // What only coderd can tell agrees with anything.
            (Err(Problem::Unknown(_)), _) => continue,
            (Ok(text), expected) => assert_eq!(&text, expected, "{expression}"),
            (Err(problem), expected) => {
                assert!(
                    !expected.is_string(),
                    "{expression}: {problem:?}, not {expected}"
                );
            }
        }
        compared += 1;
    }
    assert!(compared > 500, "{compared}");
}

#[test]
fn expressions_that_are_nested_without_end_are_refused() {
    for piece in [
        "(",
        "[",
        "{a=",
        "!",
        "-",
        "a(",
        "\"${",
        "true?",
        "[for x in",
    ] {
        let text = piece.repeat(MAX_LENGTH / piece.len());
        let outcome = evaluated(&text);
        assert!(outcome.is_err(), "{piece}: {outcome:?}");
    }
}

#[test]
fn expressions_that_are_changed_at_random_do_no_harm() {
    let samples: [&[u8]; 4] = [
        br#""${data.coder_parameter.region.value}-${var.zone}""#,
        br#"var.gpu ? upper("x") : format("%05.2f", var.count + 1)"#,
        br#"join(",", [for x in split("-", "a-b") : x if x != "a"])"#,
        br#"lookup({a = 1, "b" : [2, 3][*]}, "a", null)"#,
    ];
    parse_mutated(&samples, |input| {
        let _evaluated = evaluated(&String::from_utf8_lossy(input));
    });
}

//! Expressions by what comes of them in either flow.

use super::*;

fn variables() -> BTreeMap<String, Variable> {
    [
        ("zone", "string", "a"),
        ("count", "number", "3"),
        ("gpu", "bool", "true"),
        ("list", "list(string)", "[]"),
    ]
    .map(|(name, kind, value)| {
        let (kind, value) = (kind.to_owned(), value.to_owned());
        (name.to_owned(), Variable { kind, value })
    })
    .into()
}

fn evaluated(flow: Flow, expression: &str) -> Result<String, Problem> {
    let parameters = [
        ("region", "eu"),
        ("cpu", "8"),
        ("gpu", "true"),
        ("my size", "xl"),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let owner = Owner {
        id: Uuid::from_u128(1),
        name: Some("prebuilds".to_owned()),
    };
    let scope = Scope {
        flow,
        variables: Some(&variables()),
        parameters: &parameters.into(),
        owner: &owner,
    };
    let tags = BTreeMap::from([("tag".to_owned(), expression.to_owned())]);
    evaluate(&tags, &scope).map(|mut tags| tags.remove("tag").unwrap())
}

/// `i` stands for invalid, `u` for unknown.
const I: Result<&str, char> = Err('i');
const U: Result<&str, char> = Err('u');

type Case = (
    &'static str,
    Result<&'static str, char>,
    Result<&'static str, char>,
);

#[test]
fn expressions_give_what_coder_gives_or_nothing() {
    let nested = "(".repeat(70);
    let cases: &[Case] = &[
        ("\"plain\"", Ok("plain"), Ok("plain")),
        ("\"\"", Ok(""), Ok("")),
        ("true", Ok("true"), U),
        ("5", Ok("5"), U),
        ("-5", Ok("-5"), U),
        ("1.50", Ok("1.5"), U),
        ("0.0001", Ok("0.0001"), U),
        ("12345678901", U, U),
        ("0.00001", U, U),
        ("null", I, U),
        ("[\"a\"]", I, U),
        ("{ value = \"a\" }", U, U),
        ("", U, U),
        ("a b", U, U),
        // Names.
        ("data.coder_parameter.region.value", Ok("eu"), Ok("eu")),
        ("data.coder_parameter.region", Ok("eu"), U),
        (
            "data.coder_parameter[\"my size\"].value",
            Ok("xl"),
            Ok("xl"),
        ),
        ("data.coder_parameter.nope.value", I, U),
        ("data.coder_parameter.region.name", I, U),
        ("var.zone", Ok("a"), Ok("a")),
        ("var.zone.value", Ok("a"), U),
        ("var.count", Ok("3"), U),
        ("var.nope", I, U),
        ("var.list", Ok("[]"), U),
        ("var", I, U),
        ("local.zone", I, U),
        ("data.coder_workspace_owner.me.name", I, Ok("prebuilds")),
        ("data.coder_workspace_owner.anyone.name", I, Ok("prebuilds")),
        ("data.coder_workspace_owner.me.email", I, U),
        ("data.coder_workspace.me.name", I, U),
        // Templates.
        (
            "\"z-${data.coder_parameter.region.value}\"",
            Ok("z-eu"),
            Ok("z-eu"),
        ),
        (
            "\"${data.coder_parameter.region.value}\"",
            Ok("eu"),
            Ok("eu"),
        ),
        ("\"n${1 + 1}-${true}\"", Ok("n2-true"), Ok("n2-true")),
        ("\"z-${var.zone}\"", I, Ok("z-a")),
        ("\"n-${null}\"", I, U),
        ("\"$${x}\"", Ok("${x}"), Ok("${x}")),
        ("\"%{ if true }a%{ endif }\"", U, U),
        // Operators and conversions.
        (
            "data.coder_parameter.cpu.value >= 8 ? \"big\" : \"small\"",
            Ok("big"),
            Ok("big"),
        ),
        (
            "data.coder_parameter.cpu.value == 8 ? \"a\" : \"b\"",
            Ok("b"),
            Ok("b"),
        ),
        (
            "data.coder_parameter.gpu.value ? \"a\" : \"b\"",
            Ok("a"),
            Ok("a"),
        ),
        ("data.coder_parameter.region.value ? \"a\" : \"b\"", I, U),
        (
            "data.coder_parameter.region.value > 1 ? \"a\" : \"b\"",
            I,
            U,
        ),
        (
            "!data.coder_parameter.gpu.value && true ? \"a\" : \"b\"",
            Ok("b"),
            Ok("b"),
        ),
        (
            "var.zone == \"a\" ? \"same\" : \"other\"",
            Ok("other"),
            Ok("same"),
        ),
        ("true ? var.zone : \"b\"", I, Ok("a")),
        ("true ? \"a\" : local.b", Ok("a"), Ok("a")),
        ("true ? 1 : \"b\"", Ok("1"), Ok("1")),
        ("true ? 1 : false", U, U),
        ("false || null == null ? \"a\" : \"b\"", Ok("a"), Ok("a")),
        ("\"n${6 / 2 * 7 - 1 % 2}\"", Ok("n20"), Ok("n20")),
        ("1 / 0", I, U),
        ("\"${1 / 3}\"", U, U),
        ("\"${0.1 + 0.2}\"", U, U),
        (
            "{ eu = \"west\", us = \"east\" }[data.coder_parameter.region.value]",
            Ok("west"),
            Ok("west"),
        ),
        ("[\"a\", \"b\"][1]", Ok("b"), Ok("b")),
        ("[\"a\"][1]", I, U),
        // What isn't evaluated here.
        ("lower(\"A\")", U, U),
        ("true ? \"a\" : lower(\"A\")", Ok("a"), Ok("a")),
        ("join(\",\", [for x in [\"a\"] : x])", U, U),
        ("[\"a\"][*]", U, U),
        (Box::leak(nested.into_boxed_str()), U, U),
    ];
    for (expression, classic, dynamic) in cases {
        for (flow, expected) in [(Flow::Classic, classic), (Flow::Dynamic, dynamic)] {
            let outcome = evaluated(flow, expression);
            let short = match &outcome {
                Ok(text) => Ok(text.as_str()),
                Err(Problem::Invalid(_)) => I,
                Err(Problem::Unknown(_)) => U,
            };
            assert_eq!(short, *expected, "{expression} in {flow:?}: {outcome:?}");
        }
    }
}

#[test]
fn one_certain_problem_makes_the_whole_certain() {
    let none = BTreeMap::new();
    let owner = Owner::from(Uuid::from_u128(1));
    let scope = Scope {
        flow: Flow::Classic,
        variables: None,
        parameters: &none,
        owner: &owner,
    };
    let tags = [("a", "lower(\"A\")"), ("b", "local.b"), ("c", "\"fine\"")];
    let tags = tags.map(|(key, value)| (key.to_owned(), value.to_owned()));
    let problem = evaluate(&tags.into(), &scope).unwrap_err();
    let Problem::Invalid(text) = problem else {
        panic!("{problem:?}");
    };
    assert!(
        text.contains("\"a\"") && text.contains("\"b\"") && !text.contains("\"c\""),
        "{text}"
    );
    // Where the database doesn't hold variables, nothing is known about them.
    let tags = BTreeMap::from([("a".to_owned(), "var.a".to_owned())]);
    assert!(matches!(evaluate(&tags, &scope), Err(Problem::Unknown(_))));
}

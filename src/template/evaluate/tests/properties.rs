//! Properties of expressions made at random: they end, never panic, and what is unknown never turns
//! into a value.

use proptest::prelude::*;

use super::bounds::known;
use crate::template::value::Value;

/// Words that expressions are made of.
const WORDS: &[&str] = &[
    "1",
    "-1",
    "0",
    "2.5",
    "1e3",
    "\"a\"",
    "\"a,b\"",
    "\"\"",
    "\"${",
    "}\"",
    "null",
    "true",
    "unknown",
    "secret",
    "words",
    "x",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ",",
    ":",
    "=",
    "=>",
    "?",
    ".",
    "[*]",
    ".*",
    "...",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "==",
    "<",
    "&&",
    "||",
    "for",
    "in",
    "if",
    " ",
    "%{ if ",
    "%{ endif }",
    "~}",
    "<<-A\n",
    "\nA\n",
    "\\",
    "$",
    "é",
    "\u{1f600}",
    "\u{301}",
    "format(",
    "regex(",
    "replace(",
    "substr(",
    "range(",
    "cidrsubnet(",
    "formatdate(",
    "yamldecode(",
    "jsondecode(",
    "csvdecode(",
    "setproduct(",
    "lookup(",
    "element(",
    "slice(",
    "try(",
    "can(",
    "sensitive(",
    "flatten(",
    "merge(",
    "toset(",
    "parseint(",
    "log(",
    "pow(",
    "timeadd(",
    "textdecodebase64(",
    "fileset(",
    "uuidv5(",
    "zipmap(",
    "chunklist(",
    "matchkeys(",
    "indent(",
];

/// Names of functions with how many arguments they take.
const CALLS: &[(&str, usize)] = &[
    ("abs", 1),
    ("base64decode", 1),
    ("ceil", 1),
    ("chomp", 1),
    ("chunklist", 2),
    ("cidrhost", 2),
    ("cidrnetmask", 1),
    ("cidrsubnet", 3),
    ("cidrsubnets", 3),
    ("coalesce", 2),
    ("coalescelist", 2),
    ("compact", 1),
    ("concat", 2),
    ("contains", 2),
    ("csvdecode", 1),
    ("dirname", 1),
    ("distinct", 1),
    ("element", 2),
    ("flatten", 1),
    ("format", 2),
    ("formatdate", 2),
    ("formatlist", 2),
    ("indent", 2),
    ("index", 2),
    ("join", 2),
    ("jsondecode", 1),
    ("jsonencode", 1),
    ("keys", 1),
    ("length", 1),
    ("log", 2),
    ("lookup", 3),
    ("matchkeys", 3),
    ("max", 2),
    ("merge", 2),
    ("nonsensitive", 1),
    ("one", 1),
    ("parseint", 2),
    ("pow", 2),
    ("range", 3),
    ("regex", 2),
    ("regexall", 2),
    ("replace", 3),
    ("reverse", 1),
    ("sensitive", 1),
    ("setintersection", 2),
    ("setproduct", 2),
    ("setsubtract", 2),
    ("setunion", 2),
    ("slice", 3),
    ("sort", 1),
    ("split", 2),
    ("strrev", 1),
    ("substr", 3),
    ("sum", 1),
    ("textdecodebase64", 2),
    ("timeadd", 2),
    ("timecmp", 2),
    ("title", 1),
    ("tolist", 1),
    ("tomap", 1),
    ("tonumber", 1),
    ("toset", 1),
    ("tostring", 1),
    ("transpose", 1),
    ("trim", 2),
    ("upper", 1),
    ("urlencode", 1),
    ("uuidv5", 2),
    ("values", 1),
    ("yamldecode", 1),
    ("yamlencode", 1),
    ("zipmap", 2),
    ("fileset", 2),
    ("file", 1),
    ("try", 2),
];

/// Expressions of any types.
fn anything() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "1",
        "-3",
        "2.5",
        "1e30",
        "\"a\"",
        "\"a,b\"",
        "\"/a*/\"",
        "\"%s %05.2f\"",
        "\"10.0.0.0/8\"",
        "\"2024-01-01T00:00:00Z\"",
        "\"a: [1, &x y, *x]\"",
        "null",
        "true",
        "unknown",
        "unknown_text",
        "secret",
        "words",
        "[]",
        "{}",
        "[1, \"a\"]",
        "{ a = 1, b = \"x\" }",
        "\"é\u{301}\u{1f600}\"",
        "sensitive(1)",
        "toset([\"b\", \"a\"])",
    ])
    .prop_map(String::from);
    leaf.prop_recursive(4, 40, 3, |inner| {
        let three = (inner.clone(), inner.clone(), inner.clone());
        prop_oneof![
            (prop::sample::select(CALLS), three.clone()).prop_map(|((name, count), (a, b, c))| {
                format!("{name}({})", [a, b, c][..count].join(", "))
            }),
            (
                prop::sample::select(vec!["+", "-", "*", "/", "%", "==", "<", "&&", "||"]),
                three.clone()
            )
                .prop_map(|(operator, (a, b, _))| format!("({a} {operator} {b})")),
            three
                .clone()
                .prop_map(|(a, b, c)| format!("({a} ? {b} : {c})")),
            three
                .clone()
                .prop_map(|(a, b, c)| format!("[{a}, {b}, {c}]")),
            three
                .clone()
                .prop_map(|(a, b, c)| format!("{{ ({a}) = {b}, k = {c} }}")),
            three
                .clone()
                .prop_map(|(a, b, c)| format!("[for k, v in {a} : {b} if {c}]")),
            three
                .clone()
                .prop_map(|(a, b, c)| format!("{{ for v in {a} : v => {b}... if {c} }}")),
            three
                .clone()
                .prop_map(|(a, b, _)| format!("\"x${{{a}}}%{{ if {b} }}y%{{ endif }}\"")),
            three.clone().prop_map(|(a, b, _)| format!("{a}[{b}]")),
            three.prop_map(|(a, b, _)| format!("{a}[*].a.b[{b}]")),
        ]
    })
}

/// Expressions of texts, numbers, bools and lists of texts, whose types don't depend on `secret`.
fn typed() -> impl Strategy<Value = String> {
    #[derive(Debug, Clone)]
    struct Of {
        text: String,
        number: String,
        bool: String,
        list: String,
    }
    let leaf = (
        prop::sample::select(vec!["\"a\"", "\"b,c\"", "\"\"", "secret", "\"x${secret}\""]),
        prop::sample::select(vec!["0", "1", "2", "length(secret)"]),
        prop::sample::select(vec!["true", "false", "secret == \"a\"", "secret != null"]),
        prop::sample::select(vec![
            "[\"a\", secret]",
            "split(\",\", secret)",
            "tolist([])",
        ]),
    )
        .prop_map(|(text, number, bool, list)| Of {
            text: text.into(),
            number: number.into(),
            bool: bool.into(),
            list: list.into(),
        });
    leaf.prop_recursive(4, 30, 2, |inner| {
        (
            inner.clone(),
            inner,
            0..12usize,
            0..8usize,
            0..9usize,
            0..12usize,
        )
            .prop_map(|(a, b, text, number, bool, list)| Of {
                text: match text {
                    0 => format!("upper({})", a.text),
                    1 => format!("\"${{{}}}-${{{}}}\"", a.text, b.number),
                    2 => format!("join(\"-\", {})", a.list),
                    3 => format!("({} ? {} : {})", a.bool, a.text, b.text),
                    4 => format!("try(element({}, {}), {})", a.list, a.number, b.text),
                    5 => format!(
                        "lookup({{ a = {}, b = \"y\" }}, {}, {})",
                        a.text, b.text, a.text
                    ),
                    6 => format!("coalesce({}, {})", a.text, b.text),
                    7 => format!("format(\"%s/%d\", {}, {})", a.text, b.number),
                    8 => format!("jsonencode({})", a.list),
                    9 => format!("try(regex(\"[a-c]+\", {}), {})", a.text, b.text),
                    10 => format!("\"%{{ for x in {} }}${{x}}%{{ endfor }}\"", a.list),
                    _ => format!("try({}[{}], {})", a.list, a.number, b.text),
                },
                number: match number {
                    0 => format!("length({})", a.text),
                    1 => format!("length({})", a.list),
                    2 => format!("({} + {})", a.number, b.number),
                    3 => format!("max({}, {})", a.number, b.number),
                    4 => format!("try(tonumber({}), {})", a.text, b.number),
                    5 => format!("try(index({}, {}), {})", a.list, b.text, a.number),
                    6 => format!("({} ? {} : {})", a.bool, a.number, b.number),
                    _ => format!("length(toset({}))", a.list),
                },
                bool: match bool {
                    0 => format!("({} == {})", a.text, b.text),
                    1 => format!("({} < {})", a.number, b.number),
                    2 => format!("({} && {})", a.bool, b.bool),
                    3 => format!("({} || {})", a.bool, b.bool),
                    4 => format!("contains({}, {})", a.list, b.text),
                    5 => format!("can(tonumber({}))", a.text),
                    6 => format!("alltrue([{}, {}])", a.bool, b.bool),
                    7 => format!("anytrue([{}, {}])", a.bool, b.bool),
                    _ => format!("({} == {})", a.list, b.list),
                },
                list: match list {
                    0 => format!("[{}, {}]", a.text, b.text),
                    1 => format!("concat({}, {})", a.list, b.list),
                    2 => format!("sort({})", a.list),
                    3 => format!("distinct({})", a.list),
                    4 => format!("[for x in {} : upper(x) if x != {}]", a.list, b.text),
                    5 => format!("tolist(setunion({}, {}))", a.list, b.list),
                    6 => format!("reverse({})", a.list),
                    7 => format!("flatten([{}, {}])", a.list, b.text),
                    8 => format!("({} ? {} : {})", a.bool, a.list, b.list),
                    9 => format!("keys({{ for x in {} : x => {}... }})", a.list, b.text),
                    10 => format!("values(merge({{ a = {} }}, {{ a = {} }}))", a.text, b.text),
                    _ => format!("compact({})", a.list),
                },
            })
    })
    .prop_map(|of| format!("[{}, {}, {}, {}]", of.text, of.number, of.bool, of.list))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_in_any_order_never_panic(words in prop::collection::vec(prop::sample::select(WORDS), 1..30)) {
        drop(known(&words.concat(), Value::unknown()));
    }

    #[test]
    fn expressions_end_within_their_budget(text in anything()) {
        drop(known(&text, "a".into()));
    }

    #[test]
    fn what_is_known_in_spite_of_the_unknown_stays_so(text in typed()) {
        use crate::template::value::Type;
        if let Ok(Some(early)) = known(&text, Value::Unknown(Type::String)) {
            for secret in ["a", "b,c", "", "5", "X"] {
                if let Ok(late) = known(&text, secret.into()) {
                    prop_assert_eq!(Some(&early), late.as_ref(), "{} for {:?}", text, secret);
                }
            }
        }
    }
}

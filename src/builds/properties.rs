//! Builds of random classic templates, held against coderd's rules as they are known of it, written once
//! more here without a line of the code under test.

mod tags;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

use super::deletion::delete;
use super::tests::{SMALL, map, version};
use super::*;
use crate::template::{
    BOOL, Choice, DECREASING, INCREASING, LIST, MULTI_SELECT, NUMBER, STRING, Variable,
};
use tags::{NAMES, Tag, VARIABLES, tag};

/// What values are made of: few, so that they meet options, limits and each other.
const TEXTS: [&str; 14] = [
    "",
    "a",
    "b",
    "ab",
    "A-1",
    "1",
    "2",
    "7",
    "-3",
    "1.5",
    "true",
    "false",
    r#"["a","b"]"#,
    r#"["b",null]"#,
];

/// A regular expression, and whether a text matches it; one that does not compile matches nothing.
type Pattern = (&'static str, Option<fn(&str) -> bool>);

const PATTERNS: [Pattern; 3] = [
    (
        "^[a-b]+$",
        Some(|text| !text.is_empty() && text.bytes().all(|it| matches!(it, b'a' | b'b'))),
    ),
    (
        "[0-9]",
        Some(|text| text.bytes().any(|it| it.is_ascii_digit())),
    ),
    ("(", None),
];

fn text() -> impl Strategy<Value = String> {
    select(&TEXTS[..]).prop_map(str::to_owned)
}

fn maybe<T: Clone + std::fmt::Debug + 'static>(
    one: impl Strategy<Value = T> + 'static,
) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.25, one)
}

fn parameter(name: String) -> impl Strategy<Value = Definition> {
    let kinds = prop_oneof![
        4 => Just(STRING), 4 => Just(NUMBER), 2 => Just(BOOL), 2 => Just(LIST),
    ];
    let rule = (
        maybe(select(&PATTERNS[..])),
        maybe(-4..3i64),
        maybe(0..9i64),
        maybe(select(vec![INCREASING, DECREASING, "sideways"])),
        any::<bool>(),
        // Whether a rule that the type knows nothing of stays.
        prop::bool::weighted(0.05),
    );
    let rest = (
        prop::bool::weighted(0.6),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        maybe(prop::collection::vec(text(), 1..4)),
        any::<bool>(),
        text(),
    );
    (kinds, rule, rest).prop_map(
        move |(kind, (pattern, min, max, monotonic, has_error, odd), rest)| {
            let (mutable, required, ephemeral, options, many, default) = rest;
            let of_numbers = odd || kind == NUMBER;
            let pattern = pattern.filter(|_| odd || kind == STRING);
            let choice = |value: String| Choice {
                name: value.clone(),
                value,
                ..Choice::default()
            };
            Definition {
                name: name.clone(),
                kind: kind.to_owned(),
                mutable,
                required,
                ephemeral,
                options: options.into_iter().flatten().map(choice).collect(),
                form_type: if many { MULTI_SELECT } else { "" }.to_owned(),
                default_value: if required { String::new() } else { default },
                validation_regex: pattern.map_or("", |it| it.0).to_owned(),
                validation_min: min.filter(|_| of_numbers),
                validation_max: max.filter(|_| of_numbers),
                validation_monotonic: monotonic.filter(|_| of_numbers).unwrap_or("").to_owned(),
                validation_error: if has_error { "no" } else { "" }.to_owned(),
                ..Definition::default()
            }
        },
    )
}

/// The texts of a JSON array of texts and nulls, and of null.
fn elements(text: &str) -> Option<Vec<String>> {
    let all: Option<Vec<Option<String>>> = serde_json::from_str(text).ok()?;
    let all = all.unwrap_or_default().into_iter();
    Some(all.map(Option::unwrap_or_default).collect())
}

/// Whether coderd takes the value for the parameter, given that of the build before.
fn fits(of: &Definition, value: &str, before: Option<&String>) -> bool {
    let is_option = |value: &String| of.options.iter().any(|it| it.value == *value);
    let is_choice = if of.kind == LIST && of.form_type == MULTI_SELECT {
        elements(value).is_some_and(|all| all.iter().all(is_option))
    } else {
        is_option(&value.to_owned())
    };
    if !of.options.is_empty() && !is_choice {
        return false;
    }
    // Limits alone are no rule.
    let has_rule = !of.validation_error.is_empty()
        || !of.validation_regex.is_empty()
        || !of.validation_monotonic.is_empty();
    let [min, max] = [of.validation_min, of.validation_max].map(|it| it.filter(|_| has_rule));
    let monotonic = of.validation_monotonic.as_str();
    let asks_for_number = min.is_some() || max.is_some() || !monotonic.is_empty();
    match of.kind.as_str() {
        NUMBER => {
            if !of.validation_regex.is_empty() {
                return false;
            }
            if !asks_for_number {
                return true;
            }
            let Ok(number) = value.parse::<i64>() else {
                return false;
            };
            let before = before.and_then(|it| it.parse::<i64>().ok());
            let keeps_direction = match monotonic {
                "" => true,
                INCREASING => before.is_none_or(|before| number >= before),
                DECREASING => before.is_none_or(|before| number <= before),
                _ => false,
            };
            min.is_none_or(|min| number >= min)
                && max.is_none_or(|max| number <= max)
                && keeps_direction
        }
        _ if asks_for_number => false,
        STRING if of.validation_regex.is_empty() => true,
        STRING => {
            let (_, matches) = PATTERNS
                .iter()
                .find(|it| it.0 == of.validation_regex)
                .unwrap();
            !of.validation_error.is_empty() && matches.is_some_and(|matches| matches(value))
        }
        _ if !of.validation_regex.is_empty() => false,
        BOOL => matches!(value, "true" | "false"),
        _ => elements(value).is_some(),
    }
}

/// The values of a build by coderd's rules; none where it refuses one.
fn expected_values(
    definitions: &[Definition],
    preset: &Values,
    given: &Values,
    last: Option<&Values>,
) -> Option<Values> {
    let mut values = Values::new();
    for of in definitions {
        let asked = preset.get(&of.name).or(given.get(&of.name));
        let before = last.and_then(|last| last.get(&of.name));
        if !of.mutable && asked.is_some() && before.is_some() && asked != before {
            return None;
        }
        if of.required && asked.is_none() && before.is_none() {
            return None;
        }
        let kept = if of.ephemeral { None } else { before };
        let value = asked.or(kept).unwrap_or(&of.default_value);
        if of.required && value.is_empty() {
            return None;
        }
        let judged = if value.is_empty() {
            &of.default_value
        } else {
            value
        };
        if !fits(of, judged, before) {
            return None;
        }
        values.insert(of.name.clone(), value.clone());
    }
    Some(values)
}

/// The tags of a job by coderd's rules; none where it refuses one.
fn expected_tags(
    version: &Version,
    tags: &BTreeMap<String, Tag>,
    values: &Values,
    owner: &str,
) -> Option<BTreeMap<String, String>> {
    let mut all = version.tags.clone();
    all.retain(|_, value| !value.is_empty());
    let of_user = all.get("scope").is_some_and(|scope| scope == "user");
    all.insert(
        "scope".to_owned(),
        if of_user { "user" } else { "organization" }.to_owned(),
    );
    all.insert(
        "owner".to_owned(),
        if of_user { owner } else { "" }.to_owned(),
    );
    for (key, tag) in tags {
        let text = tag.expected(values, version.variables.as_deref().unwrap());
        all.insert(key.clone(), text?);
    }
    Some(all)
}

/// Values for any of the names, and for one that no parameter has.
fn values() -> impl Strategy<Value = Values> {
    prop::collection::vec(maybe(text()), NAMES.len()).prop_map(|values| {
        let named = NAMES.iter().zip(values);
        named
            .filter_map(|(name, value)| Some(((*name).to_owned(), value?)))
            .collect()
    })
}

/// A classic template's version, its preset among it, and its tags.
fn template() -> impl Strategy<Value = (Version, BTreeMap<String, Tag>)> {
    let parameters: Vec<_> = NAMES[..4]
        .iter()
        .map(|it| prop::option::weighted(0.5, parameter((*it).to_owned())))
        .collect();
    let variables = prop::collection::vec((text(), text()), 2);
    let imported = prop::collection::btree_map(
        select(vec!["zone", "scope", "owner", "empty"]).prop_map(str::to_owned),
        select(vec!["user", "organization", "eu", ""]).prop_map(str::to_owned),
        0..4,
    );
    let key = select(vec!["zone", "queue", "scope", "owner"]).prop_map(str::to_owned);
    let tags = prop::collection::btree_map(key, tag(), 0..3);
    (parameters, variables, imported, tags, values()).prop_map(
        |(parameters, variables, imported, tags, preset)| {
            let mut version = version(Flow::Classic);
            version.parameters = parameters.into_iter().flatten().collect();
            let variable = |(name, (value, default_value)): (&&str, (String, String))| Variable {
                name: (*name).to_owned(),
                kind: STRING.to_owned(),
                value,
                default_value,
                sensitive: false,
            };
            version.variables = Some(VARIABLES.iter().zip(variables).map(variable).collect());
            version.tags = imported;
            let sources = tags.iter().map(|(key, tag)| (key.clone(), tag.source()));
            version.workspace_tags = sources.collect();
            version.presets = BTreeMap::from([(SMALL, preset)]);
            (version, tags)
        },
    )
}

/// The build, or that it is refused for good.
#[track_caller]
fn assert_built(
    built: &Result<BuildContent, Unbuildable>,
    values: Option<Values>,
    tags: impl FnOnce(&Values) -> Option<BTreeMap<String, String>>,
) {
    let expected = values.and_then(|values| Some((tags(&values)?, values)));
    match (built, expected) {
        (Ok(content), Some((tags, values))) => {
            assert_eq!((&content.parameters, &content.tags), (&values, &tags));
        }
        (Err(problem), None) => assert!(problem.is_validation_failure(), "{problem}"),
        (built, expected) => panic!("{built:?}, but by the rules {expected:?}"),
    }
}

#[test]
fn templates_are_neither_all_built_nor_all_refused() {
    let mut runner = TestRunner::deterministic();
    let built = (0..1000).filter(|_| {
        let (version, _) = template().new_tree(&mut runner).unwrap().current();
        first_start(&version, SMALL).is_ok()
    });
    let built = built.count();
    assert!((100..900).contains(&built), "{built}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn builds_of_classic_templates_keep_the_rules_of_coderd(
        (version, tags) in template(),
        given in values(),
        last in values(),
    ) {
        let preset = &version.presets[&SMALL];
        let person = Owner { id: "7".to_owned(), ..Owner::default() };
        let expected = |values: &Values, owner: &str| expected_tags(&version, &tags, values, owner);

        let first = first_start(&version, SMALL);
        let values = expected_values(&version.parameters, preset, &map(&[]), None);
        assert_built(&first, values, |values| expected(values, &version.prebuilds_user.id));

        let claimed = claim(&version, SMALL, &given, &last, &person);
        let values = expected_values(&version.parameters, preset, &given, Some(&last));
        assert_built(&claimed, values, |values| expected(values, &person.id));

        let deleted = delete(&version, &last, &map(&[])).map(|it| it.content);
        let values = expected_values(&version.parameters, &map(&[]), &map(&[]), Some(&last));
        assert_built(&deleted, values, |values| expected(values, &version.prebuilds_user.id));
    }
}

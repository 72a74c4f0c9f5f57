//! Mistakes with their places, and the format as it is documented.

use std::{fs, path::Path};

use super::*;
use crate::model::testing::parse_mutated;

mod pools;

/// What `parse` finds, a line for each mistake.
fn mistakes(text: &str) -> String {
    match parse(text) {
        Ok(declaration) => format!("no mistake: {declaration:?}"),
        Err(error) => error.to_string(),
    }
}

/// Asserts that a text has one mistake. Each of the texts begins in line 1.
#[track_caller]
fn assert_mistake(text: &str, expected: &str) {
    assert_eq!(mistakes(text), expected, "in:\n{text}");
}

/// A template with these lines, in line 4 and following.
fn template(lines: &str) -> String {
    format!(
        "organizations = [{{ name = \"acme\" }}]\n[[templates]]\norganization = \"acme\"\nname = \
         \"t\"\n{lines}"
    )
}

/// A parameter `p` with these lines, in line 7 and following.
fn parameter(lines: &str) -> String {
    template(&format!("[[templates.parameters]]\nname = \"p\"\n{lines}"))
}

#[test]
fn mistakes_of_form_are_shown_all_at_once() {
    let text = r#"
[[organizations]]
name = "o"
[[templates]]
organization = "o"
name = "t"
styling = {}
[[templates.parameters]]
name = "n"
type = "number"
default = 4
mutable = "false"
option = [{ name = "a", value = "1" }]
[[templates.presets]]
name = "p"
prebuilds = { instances = 2 }
[[templates.presets]]
name = 1
instances = "3"
schedule = []
[[templates.presets]]
instances = 1
"#;
    let shown = mistakes(text);
    let places: Vec<&str> = shown
        .lines()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    let expected = [
        "line 7, column 1",
        "line 12, column 11",
        "line 13, column 1",
        "line 16, column 1",
        "line 18, column 8",
        "line 19, column 13",
        "line 20, column 1",
        "line 21, column 1",
    ];
    assert_eq!(places, expected, "{shown}");
    assert!(
        shown.contains("line 12, column 11: invalid type: string \"false\", expected a boolean")
    );
    assert!(shown.ends_with("missing field `name`"), "{shown}");
}

#[test]
fn of_very_many_mistakes_of_form_the_first_in_the_file_are_shown_and_the_others_counted() {
    let user = |n| format!("[[users]]\nusername = \"u{n}\"\nrank = 1\n");
    let organization = |n| format!("[[organizations]]\nname = \"o{n}\"\nrank = 1\n");
    let text = (0..120).map(user).chain((0..30).map(organization));
    let shown = mistakes(&text.collect::<String>());
    let lines: Vec<&str> = shown.lines().collect();
    let expected = |n: usize| format!("line {}, column 1: unknown field `rank`", 3 * n);
    for (n, line) in lines[..100].iter().enumerate() {
        assert!(line.starts_with(&expected(n + 1)), "{line}");
    }
    assert_eq!(
        lines[100..],
        ["and 50 more mistakes of form were found; correct these first"]
    );
}

#[test]
fn an_empty_file_declares_nothing() {
    assert_eq!(parse(""), Ok(Declaration::default()));
}

#[test]
fn every_example_parses() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let text = fs::read_to_string(&path).unwrap();
            assert_eq!(parse(&text).err(), None, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn the_documented_format_parses_and_means_what_it_says() {
    let text = include_str!("../../examples/every-key.toml");
    let declaration = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let template = &declaration.templates[0];
    assert_eq!(template.reference.to_string(), "acme/backend");
    assert_eq!(template.metadata.icon, "/icon/docker.svg");
    assert_eq!(template.content.tags()["cluster"], "eu-1");
    let [cores, owner_tag, region] = template.content.parameters() else {
        panic!("{template:?}");
    };
    assert_eq!(
        (cores.validation_min, cores.validation_max),
        (Some(1), Some(32))
    );
    assert_eq!(
        (cores.kind.as_str(), cores.default_value.as_str()),
        ("number", "2")
    );
    assert!(owner_tag.required && owner_tag.kind == "string" && !owner_tag.mutable);
    assert_eq!(
        (
            region.options[0].name.as_str(),
            region.options[1].name.as_str()
        ),
        ("eu", "USA")
    );
    let [preset] = template.content.presets() else {
        panic!("{template:?}")
    };
    assert_eq!(preset.parameters["cores"], "2");
    assert_eq!(
        (preset.desired_instances, preset.invalidate_after_secs),
        (Some(3), Some(28_800))
    );
    assert_eq!(preset.scheduling_timezone, "Europe/Berlin");
    assert_eq!(preset.schedules["* 8-18 * * 1-5"], 10);
    assert!(preset.is_default);
}

#[test]
fn a_minimum_or_maximum_gets_a_text_only_where_nothing_else_makes_a_rule_of_it() {
    for (validation, text) in [
        ("min = 1, max = 9", "must be from {min} to {max}"),
        ("min = 1", "must be at least {min}"),
        ("max = 9", "must be at most {max}"),
        ("max = 9, error = \"few\"", "few"),
        ("min = 1, max = 9, monotonic = \"increasing\"", ""),
        ("monotonic = \"increasing\"", ""),
    ] {
        let lines = format!("type = \"number\"\nvalidation = {{ {validation} }}");
        let declaration = parse(&parameter(&lines)).unwrap();
        let [definition] = declaration.templates[0].content.parameters() else {
            panic!("{declaration:?}");
        };
        assert_eq!(definition.validation_error, text, "{validation}");
        assert_eq!(&definition.held(), definition, "{validation}");
    }
}

#[test]
fn a_pool_that_passes_can_be_built() {
    let text = include_str!("../../examples/pools.toml");
    for template in parse(text).unwrap().templates {
        for preset in template
            .content
            .presets()
            .iter()
            .filter(|p| p.desired_instances.is_some())
        {
            let definitions = template.content.parameters();
            for (name, value) in &preset.parameters {
                let definition = definitions.iter().find(|it| it.name == *name).unwrap();
                assert_eq!(definition.check(Some(value)), Ok(()), "{}", preset.name);
            }
        }
    }
}

#[test]
fn text_that_is_no_toml_or_of_another_shape_is_refused_at_its_place() {
    assert_mistake(
        "[[users]\n",
        "line 1, column 9: unclosed array table, expected `]`",
    );
    assert_mistake(
        "[[organizations]]\nname = \"a\"\nname = \"b\"",
        "line 3, column 1: duplicate key",
    );
    assert_mistake(
        "# ü\n[[organizations]]\nñame = \"a\"",
        "line 3, column 1: invalid unquoted key, expected letters, numbers, `-`, `_`",
    );
    assert_mistake(
        "[[organizations]]\nname = \"ü\", x",
        "line 2, column 11: unexpected key or value, expected newline, `#`",
    );
    assert_mistake(
        "[[organizations]]\nname = \"a\"\n\"c\\u001bolour\" = 1",
        "line 3, column 1: unknown field `c\\u{1b}olour`, expected `name`",
    );
    assert_mistake(
        "\u{feff}organisations = []",
        "line 1, column 1: unknown field `organisations`, expected one of `organizations`, \
         `users`, `templates`",
    );
    assert_mistake(
        "[[users]]\nusername = 3",
        "line 2, column 12: invalid type: integer `3`, expected a string",
    );
    assert_mistake(
        "[[organizations]]\nname = \"a\"\n\n[[users]]\n",
        "line 4, column 1: missing field `username`",
    );
    assert_mistake(
        &template("[[templates.parameters]]\nname = \"p\"\noptions = [{ values = 1 }]"),
        "line 7, column 14: unknown field `values`, expected one of `name`, `description`, \
         `value`, `icon`",
    );
    assert_mistake(
        &template("[[templates.parameters]]\nname = \"p\"\ndefault = { a = 1 }"),
        "line 7, column 11: default of parameter \"p\": a value of type \"string\" stands in quotes; \
         correct it",
    );
}

#[test]
fn names_are_plain_short_and_unique_ignoring_case() {
    assert_mistake(
        "[[organizations]]\nname = \"\"",
        "line 2, column 8: the name of this organization is empty; give it one",
    );
    for name in ["a b", "-a", "a--b", "a/b", "ä", "a\\u001b"] {
        let found = mistakes(&format!("[[organizations]]\nname = \"{name}\""));
        let rule = "must consist of letters a to z, digits, and single hyphens between them";
        assert!(
            found.starts_with("line 2, column 8: ") && found.contains(rule),
            "{found}"
        );
        assert!(!found.contains('\u{1b}'));
    }
    assert_mistake(
        &format!("[[organizations]]\nname = \"{}\"", "a".repeat(33)),
        "line 2, column 8: organization name has 33 characters, but at most 32 fit; shorten it",
    );
    assert_mistake(
        "[[organizations]]\nname = \"acme\"\n[[organizations]]\nname = \"Acme\"",
        "line 4, column 8: organization \"Acme\" is already in line 2; change or remove one of them",
    );
    assert_mistake(
        "[[users]]\nusername = \"ada\"\n[[users]]\nusername = \"Ada\"\nemail = \"a@b\"",
        "line 4, column 12: user \"Ada\" is already in line 2; change or remove one of them",
    );
    assert_mistake(
        "[[users]]\nusername = \"a\"\nemail = \"x@y\"\n[[users]]\nusername = \"b\"\nemail = \
         \"X@y\"",
        "line 6, column 9: email \"X@y\" is already in line 3; change or remove one of them",
    );
    assert_mistake(
        "[[users]]\nusername = \"a\"\nemail = \"b@localhost\"\n[[users]]\nusername = \"b\"",
        "line 5, column 12: the default email of user \"b\" is already in line 3; change or \
         remove one of them",
    );
    assert_mistake(
        "[[users]]\nusername = \"a\"\nemail = \"a at b\"",
        "line 3, column 9: email \"a at b\" is not an address such as \"ada@example.com\"; \
         correct it",
    );
    assert_mistake(
        "[[users]]\nusername = \"Prebuilds\"",
        "line 2, column 12: user \"Prebuilds\" is the system's own, which owns all unclaimed \
         workspaces; choose another username",
    );
    assert_mistake(
        &template("[[templates]]\norganization = \"ACME\"\nname = \"T\""),
        "line 7, column 8: template \"T\" is already in line 4; change or remove one of them",
    );
}

#[test]
fn organizations_are_declared_where_they_are_named() {
    assert_mistake(
        "[[organizations]]\nname = \"acme\"\n[[users]]\nusername = \"ada\"\norganizations = \
         [\"Acme\", \"acne\"]",
        "line 5, column 26: user \"ada\" names organization \"acne\", which this file doesn't \
         declare and the database doesn't hold; correct the name or add an [[organizations]] entry \
         (known: \"acme\")",
    );
    assert_mistake(
        "[[templates]]\nname = \"t\"\norganization = \"acme\"",
        "line 3, column 16: template \"t\" names organization \"acme\", which this file doesn't \
         declare and the database doesn't hold; correct the name or add an [[organizations]] entry \
         (known: none)",
    );
    assert_mistake(
        "[[organizations]]\nname = \"acme\"\n[[users]]\nusername = \"ada\"\norganizations = \
         [\"Acme\", \"acme\"]",
        "line 5, column 26: membership in \"acme\" is already in line 5; change or remove one of \
         them",
    );
    let text = "organizations = [{ name = \"Acme\" }]\nusers = [{ username = \"ada\", \
                organizations = [\"aCME\"] }]";
    assert_eq!(parse(text).unwrap().users[0].organizations, ["Acme"]);
}

#[test]
fn texts_of_a_template_fit_their_columns() {
    let long = |key: &str, length| template(&format!("{key} = \"{}\"", "ü".repeat(length)));
    for (key, limit) in [("display_name", 64), ("description", 128), ("icon", 256)] {
        assert_eq!(parse(&long(key, limit)).err(), None);
        let column = key.len() + 4;
        let length = limit + 1;
        assert_mistake(
            &long(key, length),
            &format!(
                "line 5, column {column}: {key} has {length} characters, but at most {limit} fit; \
                 shorten it"
            ),
        );
    }
    assert_mistake(
        &template("tags = { scope = \"user\" }"),
        "line 5, column 10: tag \"scope\" is set by prebuildctl itself, always for the whole \
         organization; remove it",
    );
    assert_mistake(
        &template("tags = { \"\" = \"a\" }"),
        "line 5, column 10: a tag has an empty name; give it one or remove it",
    );
}

#[test]
fn a_file_cut_off_anywhere_is_no_reason_to_panic() {
    let text = include_str!("../../examples/pools.toml");
    for (index, _) in text.char_indices() {
        if let Err(error) = parse(&text[..index]) {
            let lines = text[..index].lines().count() + 1;
            assert!(
                error.mistakes.iter().all(|mistake| mistake.line <= lines),
                "{error}"
            );
        }
    }
}

#[test]
fn all_mistakes_are_reported_in_the_order_of_the_file() {
    let text = r#"
[[templates]]
organization = "none"
name = "t"

[[templates.presets]]
name = "s"
ttl = 5
parameters = { b = 1, a = 1 }
instances = -3

[[users]]
username = "a b"

[[organizations]]
name = ""
"#;
    let found = mistakes(text);
    let places: Vec<_> = found
        .lines()
        .map(|line| line.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "line 3, column 16",
            "line 8, column 7",
            "line 9, column 16",
            "line 9, column 23",
            "line 10, column 13",
            "line 13, column 12",
            "line 16, column 8",
        ]
    );
}

#[test]
fn a_wrong_rule_is_reported_once_and_not_at_every_value() {
    let found = mistakes(&parameter(
        "default = \"x\"\nvalidation = { regex = \"(\" }\n[[templates.presets]]\nname = \
         \"s\"\nparameters = { p = \"y\" }",
    ));
    assert_eq!(found.lines().count(), 1, "{found}");
}

#[test]
fn declarations_that_are_changed_at_random_do_no_harm() {
    let examples = ["every-key.toml", "pools.toml"].map(|name| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples")
            .join(name);
        fs::read(path).unwrap()
    });
    let samples = examples.each_ref().map(Vec::as_slice);
    parse_mutated(&samples, |input| {
        let parsed = parse(&String::from_utf8_lossy(input));
        let _warnings = parsed.as_ref().map(warnings);
    });
}

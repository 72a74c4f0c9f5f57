//! Mistakes with their places, and the format as it is documented.

use std::{fs, path::Path};

use super::*;

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
    let text: String = include_str!("../declaration.rs")
        .lines()
        .skip_while(|line| *line != "//! ```toml")
        .skip(1)
        .take_while(|line| *line != "//! ```")
        .map(|line| format!("{}\n", line.trim_start_matches("//!")))
        .collect();
    let declaration = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
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
fn a_pool_that_passes_can_be_built() {
    let text = include_str!("../../examples/pools.toml");
    for template in parse(text).unwrap().templates {
        for preset in template
            .content
            .presets()
            .iter()
            .filter(|p| p.desired_instances.is_some())
        {
            let given = std::collections::BTreeMap::new();
            let definitions = template.content.parameters();
            let values = crate::parameters::resolve(
                crate::parameters::Flow::Dynamic,
                definitions,
                &preset.parameters,
                &given,
                None,
            );
            assert_eq!(values.err(), None, "{}", preset.name);
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
        "line 7, column 11: invalid type: map, expected a string, a number, a boolean or a list \
         of strings",
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
         declare; correct the name or add an [[organizations]] entry (declared: \"acme\")",
    );
    assert_mistake(
        "[[templates]]\nname = \"t\"\norganization = \"acme\"",
        "line 3, column 16: template \"t\" names organization \"acme\", which this file doesn't \
         declare; correct the name or add an [[organizations]] entry (declared: none)",
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

/// A parameter `p` with these lines, in line 7 and following.
fn parameter(lines: &str) -> String {
    template(&format!("[[templates.parameters]]\nname = \"p\"\n{lines}"))
}

#[test]
fn parameters_make_sense() {
    let cases = [
        (
            "type = \"text\"",
            "line 7, column 8: type \"text\" is none of [\"string\", \"number\", \"bool\", \
             \"list(string)\"]; choose one of these",
        ),
        (
            "default = 3.10",
            "line 7, column 11: default of parameter \"p\": a value of type \"string\" stands in \
             quotes; correct it",
        ),
        (
            "type = \"number\"\ndefault = true",
            "line 8, column 11: default of parameter \"p\": a value of type \"number\" is a \
             number such as 4; correct it",
        ),
        (
            "type = \"bool\"\ndefault = \"yes\"",
            "line 8, column 11: default of parameter \"p\": value \"yes\" is neither \"true\" nor \
             \"false\"; correct it",
        ),
        (
            "type = \"list(string)\"\ndefault = 1",
            "line 8, column 11: default of parameter \"p\": a value of type \"list(string)\" is a \
             list such as [\"a\", \"b\"]; correct it",
        ),
        (
            "default = \"b\"\noptions = [\"a\"]",
            "line 7, column 11: default of parameter \"p\": value \"b\" is not one of the options \
             [\"a\"]; correct it",
        ),
        (
            "options = [\"a\", { value = \"b\", name = \"a\" }]",
            "line 7, column 17: parameter \"p\" has another option of value \"b\" or name \"a\" \
             already; remove or rename one of them",
        ),
        (
            "type = \"number\"\noptions = [1, \"x\"]",
            "line 8, column 15: option of parameter \"p\": value \"x\" is not a number; correct it",
        ),
        (
            "type = \"number\"\nvalidation = { max = 1, min = 2 }",
            "line 8, column 22: parameter \"p\" has the maximum 1 below its minimum 2, so that no \
             value fits; raise the one or lower the other",
        ),
        (
            "type = \"number\"\nvalidation = { min = 3000000000 }",
            "line 8, column 22: min 3000000000 doesn't fit; choose a number from -2147483648 to \
             2147483647",
        ),
        (
            "validation = { min = 1 }",
            "line 7, column 22: min is a rule for type \"number\", but parameter \"p\" is of type \
             \"string\"; remove the rule or change the type",
        ),
        (
            "type = \"number\"\nvalidation = { monotonic = \"up\" }",
            "line 8, column 28: monotonic \"up\" is none of [\"increasing\", \"decreasing\"]; \
             choose one of these",
        ),
        (
            "validation = { regex = \"a(\" }",
            "line 7, column 24: regex \"a(\" of parameter \"p\" is not a regular expression \
             (unclosed group); correct it",
        ),
        (
            "ephemeral = true\nmutable = true",
            "line 7, column 13: parameter \"p\" is ephemeral, which needs mutable = true and a \
             default to fall back to; add what is missing or remove ephemeral",
        ),
        (
            "[[templates.parameters]]\nname = \"p\"",
            "line 8, column 8: parameter \"p\" is already in line 6; change or remove one of them",
        ),
        (
            "[[templates.parameters]]\nname = \" \"",
            "line 8, column 8: the name of this parameter is empty; give it one",
        ),
        (
            "[[templates.parameters]]\nname = \"a\\u0007\"",
            "line 8, column 8: parameter name \"a\\u{7}\" begins or ends with a blank or holds a \
             control character; remove it",
        ),
    ];
    for (lines, expected) in cases {
        assert_mistake(&parameter(lines), expected);
    }
    // A number may also be written as text, a list as JSON.
    for lines in [
        "type = \"number\"\ndefault = \"4\"",
        "type = \"number\"\ndefault = 0.5",
        "type = \"list(string)\"\ndefault = '[\"a\"]'\noptions = [[\"a\"], []]",
        "type = \"bool\"\ndefault = false\nephemeral = true\nmutable = true",
    ] {
        assert_eq!(parse(&parameter(lines)).err(), None, "{lines}");
    }
}

/// A preset `s` with these lines, in line 7 and following, of a template without parameters.
fn preset(lines: &str) -> String {
    template(&format!("[[templates.presets]]\nname = \"s\"\n{lines}"))
}

#[test]
fn presets_make_sense() {
    let cases = [
        (
            "instances = -1",
            "line 7, column 13: preset \"s\": instances -1 doesn't fit; choose a number from 0 to \
             2147483647",
        ),
        (
            "instances = 2147483648",
            "line 7, column 13: preset \"s\": instances 2147483648 doesn't fit; choose a number \
             from 0 to 2147483647",
        ),
        (
            "ttl = \"8h\"",
            "line 7, column 7: preset \"s\" has ttl but no instances, so it has no pool; add \
             instances (0 keeps the pool empty outside schedules) or remove ttl",
        ),
        (
            "default = true\n[[templates.presets]]\nname = \"x\"\ndefault = true",
            "line 10, column 11: preset \"x\" is the second default: preset \"s\" in line 7 is \
             one already; keep one of them",
        ),
        (
            "[[templates.presets]]\nname = \"s\"",
            "line 8, column 8: preset \"s\" is already in line 6; change or remove one of them",
        ),
        (
            "[[templates.presets]]\nname = \"\"",
            "line 8, column 8: the name of this preset is empty; give it one",
        ),
        (
            "[[templates.presets]]\n\
             name = \"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
            "line 8, column 8: preset name has 65 characters, but at most 64 fit; shorten it",
        ),
        (
            "parameters = { region = \"eu\" }",
            "line 7, column 16: preset \"s\" sets parameter \"region\", which the template \
             doesn't declare; correct the name or add it to the template's parameters (declared: \
             none)",
        ),
    ];
    for (lines, expected) in cases {
        assert_mistake(&preset(lines), expected);
    }
}

#[test]
fn schedules_make_sense() {
    let cases = [
        (
            "timezone = \"UTC\"",
            "line 8, column 12: preset \"s\" has a timezone but no schedules; add schedules or \
             remove it",
        ),
        (
            "schedules = [{ cron = \"* * * * 1\", instances = 1 }]",
            "line 8, column 23: preset \"s\" has schedules but no timezone; add one such as \
             timezone = \"UTC\"",
        ),
        (
            "timezone = \"Local\"\nschedules = [{ cron = \"* 8 * * *\", instances = 1 }]",
            "line 8, column 12: preset \"s\": timezone \"Local\" is not in the IANA database; \
             write one such as \"Europe/Berlin\" or \"UTC\", in exactly this case",
        ),
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"* 8 * * *\", instances = -1 }]",
            "line 9, column 48: preset \"s\", schedule \"* 8 * * *\": instances -1 doesn't fit; \
             choose a number from 0 to 2147483647",
        ),
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"0 8 * * 1\", instances = 1 }]",
            "line 9, column 23: preset \"s\": cron \"0 8 * * 1\" is no span of time: the minute \
             is \"0\" and must be \"*\"; write \"* 8 * * 1\"",
        ),
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"* 8 * *\", instances = 1 }]",
            "line 9, column 23: preset \"s\": cron \"* 8 * *\" is no span of time: it has 4 \
             fields and needs 5 (minute, hour, day of month, month, day of week); write it such \
             as \"* 8-18 * * 1-5\"",
        ),
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"* 8 * * *\", instances = 1 }, { cron = \
             \"* 7-9 * * *\", instances = 2 }]",
            "line 9, column 62: preset \"s\": cron \"* 7-9 * * *\" overlaps with \"* 8 * * *\", \
             so that two numbers would hold at once; change one of them; write \"* 7,9 * * *\" \
             instead of \"* 7-9 * * *\"",
        ),
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"* 8 * * *\", instances = 1 }, { cron = \
             \"* 9 * * mon\", instances = 2 }]",
            "line 9, column 62: preset \"s\": cron \"* 9 * * mon\" can't be compared with the \
             preset's other schedules: day of week \"mon\": \"mon\" is not a number; beside other \
             schedules write plain numbers and ranges, without names and steps; write \
             \"* 9 * * 1\"",
        ),
    ];
    for (lines, expected) in cases {
        assert_mistake(&preset(&format!("instances = 1\n{lines}")), expected);
    }
    // A name is fine in a schedule that stands alone.
    let alone = "instances = 1\ntimezone = \"UTC\"\nschedules = [{ cron = \"* 9 * * mon\", \
                 instances = 1 }]";
    assert_eq!(parse(&preset(alone)).err(), None);
    let found = mistakes(&preset(
        "timezone = \"UTC\"\nschedules = [{ cron = \"* * * * 1\", instances = 1 }]",
    ));
    assert_eq!(found.matches("but no instances").count(), 2, "{found}");
}

#[test]
fn valid_schedules_that_look_like_slips_are_told_with_their_preset() {
    let lines = "instances = 1\ntimezone = \"UTC\"\nschedules = [{ cron = \"* 9,17 * * *\", \
                 instances = 2 }]";
    let declaration = parse(&preset(lines)).unwrap();
    assert_eq!(
        warnings(&declaration),
        [
            "template acme/t, preset \"s\": cron \"* 9,17 * * *\" holds for hours 9 and 17 alone, not \
             for those between; if the range was meant, write \"* 9-17 * * *\""
        ]
    );
    let declaration = parse(&preset(&lines.replace("9,17", "9-17"))).unwrap();
    assert_eq!(warnings(&declaration), [""; 0]);
}

#[test]
fn a_ttl_is_never_or_an_hour_to_a_year() {
    let parsed = |ttl: &str| {
        let declaration = parse(&preset(&format!("instances = 1\nttl = {ttl}")))?;
        Ok(declaration.templates[0].content.presets()[0].invalidate_after_secs)
    };
    for (ttl, seconds) in [
        ("\"0s\"", None),
        ("0", None),
        ("\"1h\"", Some(3600)),
        ("3600", Some(3600)),
        ("\"1d 12h\"", Some(129_600)),
        ("\"365d\"", Some(31_536_000)),
    ] {
        assert_eq!(parsed(ttl), Ok::<_, DeclarationError>(seconds), "{ttl}");
    }
    for (ttl, seconds) in [
        ("\"59m\"", 3540),
        ("3599", 3599),
        ("-1", -1),
        ("\"366d\"", 31_622_400),
    ] {
        assert_eq!(
            parsed(ttl).unwrap_err().to_string(),
            format!(
                "line 8, column 7: preset \"s\": a ttl of {seconds} seconds doesn't fit; choose \
                 from \"1h\" (3600) to \"365d\" (31536000), or \"0s\" for never"
            )
        );
    }
    for ttl in ["\"soon\"", "\"\"", "\"3600500ms\"", "true", "3600.5"] {
        assert_eq!(
            parsed(ttl).unwrap_err().to_string(),
            "line 8, column 7: preset \"s\": ttl is neither a duration in whole seconds such as \
             \"8h\" or \"1d 12h\" nor a number of seconds; write one of these"
        );
    }
}

#[test]
fn preset_values_obey_their_parameters() {
    let text = |values: &str, rest: &str| {
        parameter(&format!(
            "options = [\"a\", \"b\"]\n[[templates.presets]]\nname = \"s\"\nparameters = \
             {{{values}}}\n{rest}"
        ))
    };
    assert_mistake(
        &text(" p = \"c\" ", ""),
        "line 10, column 20: preset \"s\", parameter \"p\": value \"c\" is not one of the options \
         [\"a\", \"b\"]; correct it",
    );
    assert_mistake(
        &text(" p = \"\" ", "instances = 1"),
        "line 10, column 20: preset \"s\" sets parameter \"p\" to an empty text; give a value or \
         remove it",
    );
    assert_mistake(
        &text("", "instances = 1"),
        "line 9, column 8: preset \"s\" has a pool but no value for parameter \"p\", which has no \
         default; set it under parameters, or give the parameter a default",
    );
    assert_eq!(
        parse(&text("", "")).err(),
        None,
        "without a pool somebody else gives the value"
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
organization = "nobody"
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

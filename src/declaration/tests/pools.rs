//! What is declared for pools: parameters, presets, schedules and the values of presets.

use super::*;

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
            "line 8, column 11: default of parameter \"p\": a value of type \"bool\" is true or \
             false; correct it",
        ),
        (
            "type = \"list(string)\"\ndefault = 1",
            "line 8, column 11: default of parameter \"p\": a value of type \"list(string)\" is a \
             list such as [\"a\", \"b\"]; correct it",
        ),
        (
            "default = \"b\"\noptions = [\"a\"]",
            "line 7, column 11: default of parameter \"p\" is \"b\": the value is not one of the \
             options [\"a\"]; correct it",
        ),
        (
            "options = [\"a\", { value = \"b\", name = \"a\" }]",
            "line 7, column 17: parameter \"p\" has another option of value \"b\" or name \"a\" \
             already; remove or rename one of them",
        ),
        (
            "type = \"number\"\noptions = [1, \"x\"]",
            "line 8, column 15: option of parameter \"p\" is \"x\": the value is not of the type \
             number; correct it",
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
            "line 7, column 24: regex \"a(\" of parameter \"p\": the pattern is no regular expression \
             (unclosed group); correct it",
        ),
        (
            "validation = { regex = \"a\" }",
            "line 7, column 24: regex \"a\" of parameter \"p\" has no error text, without which no \
             build is made; add one under validation",
        ),
        (
            "form_type = \"dropdown\"",
            "line 7, column 13: parameter \"p\": there is no form type \"dropdown\" for a string \
             without options; choose another or leave it out",
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
             is \"0\" and must be \"*\"; correct it",
        ),
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"* 8 * *\", instances = 1 }]",
            "line 9, column 23: preset \"s\": cron \"* 8 * *\" is no span of time: it has 4 \
             fields and needs 5 (minute, hour, day of month, month, day of week); correct it",
        ),
        // Without its zone, the schedule would hold at other times.
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"CRON_TZ=Europe/Berlin * 8-18 * * \
             1-5\", instances = 3 }]",
            "line 9, column 23: preset \"s\": cron \"CRON_TZ=Europe/Berlin * 8-18 * * 1-5\" is no \
             span of time: it names a time zone, but the preset's own holds for all of its \
             schedules; correct it",
        ),
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"* 8 * * *\", instances = 1 }, { cron = \
             \"* 7-9 * * *\", instances = 2 }]",
            "line 9, column 62: preset \"s\": cron \"* 7-9 * * *\" overlaps with \"* 8 * * *\", \
             so that two numbers would hold at once; make them differ in months, days or hours",
        ),
        // A day of the month and one of the week add up: there is no short way apart.
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"* 8-18 1-15 * *\", instances = 3 }, { \
             cron = \"* 8-18 * * 1-5\", instances = 1 }]",
            "line 9, column 68: preset \"s\": cron \"* 8-18 * * 1-5\" overlaps with \"* 8-18 1-15 * *\", \
             so that two numbers would hold at once; make them differ in months, days or \
             hours",
        ),
        (
            "timezone = \"UTC\"\nschedules = [{ cron = \"* 8 * * *\", instances = 1 }, { cron = \
             \"* 9 * * mon\", instances = 2 }]",
            "line 9, column 62: preset \"s\": cron \"* 9 * * mon\" can't be compared with the \
             preset's other schedules: day of week \"mon\": \"mon\" is not a number; a preset with \
             two or more schedules can use only numbers and ranges",
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
fn valid_schedules_that_are_hardly_meant_are_shown_with_their_preset() {
    let lines = "instances = 1\ntimezone = \"UTC\"\nschedules = [{ cron = \"* 9,17 * * *\", \
                 instances = 2 }]";
    let declaration = parse(&preset(lines)).unwrap();
    assert_eq!(
        warnings(&declaration),
        [
            "template acme/t, preset \"s\": cron \"* 9,17 * * *\" holds for hours 9 and 17 alone, not \
             for those between; a range is written with a hyphen"
        ]
    );
    let declaration = parse(&preset(&lines.replace("9,17", "9-17"))).unwrap();
    assert_eq!(warnings(&declaration), [""; 0]);
}

#[test]
fn parameters_that_would_share_a_variable_are_shown() {
    let parameter = |name: &str| {
        format!("[[templates.parameters]]\nname = {name:?}\ntype = \"string\"\ndefault = \"\"\n")
    };
    let names = ["Preview Port", "preview_port", "other", "preview-port"];
    let text = preset("instances = 1") + "\n" + &names.map(parameter).concat();
    let declaration = parse(&text).unwrap();
    assert_eq!(
        warnings(&declaration),
        [
            "template acme/t: the parameters \"Preview Port\", \"preview-port\", \"preview_port\" would \
             share the variable PREBUILDCTL_PARAMETER_PREVIEW_PORT, which provision sets for none of them; \
             the file of parameters has them all"
        ]
    );
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
        "line 10, column 20: preset \"s\", parameter \"p\" is \"c\": the value is not one of the options \
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
        "without a pool the user gives the value"
    );
}

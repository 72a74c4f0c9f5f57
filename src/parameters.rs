//! Template parameters: what a template version declares, whether a value fits, and which values
//! a build gets.
//!
//! Pure: no database, no file format, no clock. The definition mirrors the columns of
//! `template_version_parameters`, so it says nothing that the database can't hold. Names and
//! values come from people and stand quoted and escaped in every message.
//!
//! The rules are those of the server's classic parameter flow, with one addition: a value of type
//! `number` has to be a number even where no minimum, maximum or monotonic rule asks for it,
//! because the dynamic flow refuses it in any case.

use std::collections::BTreeMap;

use regex::Regex;

/// The type of a parameter whose value is any text.
pub const STRING: &str = "string";
/// The type of a parameter whose value is a decimal number.
pub const NUMBER: &str = "number";
/// The type of a parameter whose value is `true` or `false`.
pub const BOOL: &str = "bool";
/// The type of a parameter whose value is a JSON array of texts.
pub const LIST: &str = "list(string)";

/// The form type under which the elements of a list, not the list as a whole, are the options.
pub const MULTI_SELECT: &str = "multi-select";

/// The monotonic rule under which a value never gets smaller.
pub const INCREASING: &str = "increasing";
/// The monotonic rule under which a value never gets larger.
pub const DECREASING: &str = "decreasing";

/// A parameter of a template version.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct ParameterDefinition {
    /// Name, unique within the template version.
    pub name: String,
    /// Name for people; empty: the name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// The type: [`STRING`], [`NUMBER`], [`BOOL`] or [`LIST`]. Values of any other are not checked.
    pub kind: String,
    /// Whether a workspace's value may change after its first build.
    pub mutable: bool,
    /// The value when nobody gives one.
    pub default_value: String,
    /// URL or path of a picture.
    pub icon: String,
    /// The only values allowed; empty: no such limit.
    pub options: Vec<OptionDefinition>,
    /// Regular expression that a text must match somewhere; empty: none.
    pub validation_regex: String,
    /// Smallest number allowed.
    pub validation_min: Option<i32>,
    /// Largest number allowed.
    pub validation_max: Option<i32>,
    /// What to tell people about a value that breaks a rule; `{min}`, `{max}` and `{value}` are
    /// replaced. Empty: a text of ours.
    pub validation_error: String,
    /// [`INCREASING`], [`DECREASING`] or empty.
    pub validation_monotonic: String,
    /// Whether a value must be given, as there is no default.
    pub required: bool,
    /// Position in forms.
    pub display_order: i32,
    /// Whether the value holds for one build only.
    pub ephemeral: bool,
    /// Kind of form element; empty: chosen by the type.
    pub form_type: String,
}

/// One of the values that a parameter allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct OptionDefinition {
    /// Name for people.
    pub name: String,
    /// What it means.
    pub description: String,
    /// The value.
    pub value: String,
    /// URL or path of a picture.
    pub icon: String,
}

impl ParameterDefinition {
    /// Checks a value against type, options, regular expression, minimum and maximum.
    ///
    /// The error reads on from a name: `value "99" is above the maximum 32`.
    pub fn check_value(&self, value: &str) -> Result<(), String> {
        self.check_options(value)?;
        match self.kind.as_str() {
            STRING => self.check_text(value),
            NUMBER => self.check_number(value),
            BOOL if !matches!(value, "true" | "false") => {
                Err(format!("value {value:?} is neither \"true\" nor \"false\""))
            }
            LIST => parse_list(value).map(drop),
            _ => Ok(()),
        }
    }

    fn check_options(&self, value: &str) -> Result<(), String> {
        if self.options.is_empty() {
            return Ok(());
        }
        let allowed = |value: &str| self.options.iter().any(|option| option.value == value);
        let (word, refused) = if self.kind == LIST && self.form_type == MULTI_SELECT {
            (
                "element",
                parse_list(value)?
                    .into_iter()
                    .find(|element| !allowed(element)),
            )
        } else {
            (
                "value",
                Some(value.to_owned()).filter(|value| !allowed(value)),
            )
        };
        match refused {
            None => Ok(()),
            Some(refused) => {
                let options: Vec<_> = self.options.iter().map(|option| &option.value).collect();
                Err(format!(
                    "{word} {refused:?} is not one of the options {options:?}"
                ))
            }
        }
    }

    fn check_text(&self, value: &str) -> Result<(), String> {
        let pattern = &self.validation_regex;
        if pattern.is_empty() {
            return Ok(());
        }
        let regex = Regex::new(pattern).map_err(|_| {
            format!("the rule {pattern:?} is not a regular expression that prebuildctl can read")
        })?;
        if regex.is_match(value) {
            return Ok(());
        }
        Err(self.refusal(
            value,
            format!("does not match the regular expression {pattern:?}"),
        ))
    }

    fn check_number(&self, value: &str) -> Result<(), String> {
        let (min, max) = (self.validation_min, self.validation_max);
        if min.is_none() && max.is_none() && self.validation_monotonic.is_empty() {
            // An empty text is no value at all, and nothing here asks for one.
            let fits = value.is_empty() || value.parse::<f64>().is_ok_and(f64::is_finite);
            return if fits {
                Ok(())
            } else {
                Err(format!("value {value:?} is not a number"))
            };
        }
        let number: i64 = value.parse().map_err(|_| {
            self.refusal(
                value,
                "is not a whole number, as its minimum, maximum or monotonic rule needs",
            )
        })?;
        if let Some(min) = min.filter(|min| number < i64::from(*min)) {
            return Err(self.refusal(value, format!("is below the minimum {min}")));
        }
        if let Some(max) = max.filter(|max| number > i64::from(*max)) {
            return Err(self.refusal(value, format!("is above the maximum {max}")));
        }
        Ok(())
    }

    /// The template author's words about a refused value, or else ours.
    fn refusal(&self, value: &str, ours: impl Into<String>) -> String {
        if self.validation_error.is_empty() {
            return format!("value {value:?} {}", ours.into());
        }
        let bound = |bound: Option<i32>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        // The value goes in last: it must not have its own text replaced.
        let theirs = self
            .validation_error
            .replace("{min}", &bound(self.validation_min))
            .replace("{max}", &bound(self.validation_max))
            .replace("{value}", value);
        format!("value {value:?} is refused: {theirs:?}")
    }

    /// Checks a value against the monotonic rule and the value of the last build.
    fn check_monotonic(&self, value: &str, previous: &str) -> Result<(), String> {
        let rule = self.validation_monotonic.as_str();
        if self.kind != NUMBER || rule.is_empty() {
            return Ok(());
        }
        let number = |value: &str| {
            value.parse::<i64>().map_err(|_| {
                format!("value {value:?} is not a whole number, as its monotonic rule needs")
            })
        };
        let (before, now) = (number(previous)?, number(value)?);
        match rule {
            INCREASING if now < before => Err(format!(
                "value {value:?} is below the last build's {before}; it may only grow"
            )),
            DECREASING if now > before => Err(format!(
                "value {value:?} is above the last build's {before}; it may only shrink"
            )),
            _ => Ok(()),
        }
    }

    /// The value that a build gets for this parameter.
    fn resolve(&self, candidate: Option<&str>, previous: Option<&str>) -> Result<String, String> {
        if let (false, Some(candidate), Some(previous)) = (self.mutable, candidate, previous)
            && candidate != previous
        {
            return Err(format!(
                "value {candidate:?} differs from the last build's {previous:?}, and the \
                 parameter is immutable"
            ));
        }
        if self.required && candidate.is_none() && previous.is_none() {
            return Err("a value is required, and there is no default".to_owned());
        }
        let value = candidate
            .or(previous.filter(|_| !self.ephemeral))
            .unwrap_or(&self.default_value);
        if self.required && value.is_empty() {
            return Err("the value is empty, but one is required".to_owned());
        }
        // An empty value is kept as it is, but judged as the default that it stands for.
        let judged = if value.is_empty() {
            &self.default_value
        } else {
            value
        };
        self.check_value(judged)?;
        if let Some(previous) = previous {
            self.check_monotonic(judged, previous)?;
        }
        Ok(value.to_owned())
    }
}

/// Works out the parameter values of a build.
///
/// Precedence is preset, given, last build, default. `last_build` is none for a workspace's first
/// build. A delete build is the call without preset and given values: the last build's values are
/// carried over, apart from ephemeral ones, which fall back to their defaults. Values of
/// parameters that the version doesn't declare are left out. The errors are one per parameter, in
/// the order of the definitions, each naming its parameter.
pub fn resolve(
    definitions: &[ParameterDefinition],
    preset: &BTreeMap<String, String>,
    given: &BTreeMap<String, String>,
    last_build: Option<&BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, Vec<String>> {
    let mut values = BTreeMap::new();
    let mut errors = Vec::new();
    for definition in definitions {
        let name = &definition.name;
        let candidate = preset.get(name).or_else(|| given.get(name));
        let previous = last_build.and_then(|values| values.get(name));
        match definition.resolve(candidate.map(String::as_str), previous.map(String::as_str)) {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(error) => errors.push(format!("parameter {name:?}: {error}")),
        }
    }
    if errors.is_empty() {
        Ok(values)
    } else {
        Err(errors)
    }
}

/// The elements of a value of type [`LIST`].
fn parse_list(value: &str) -> Result<Vec<String>, String> {
    serde_json::from_str(value)
        .map_err(|_| format!("value {value:?} is not a JSON array of texts such as [\"a\",\"b\"]"))
}

#[cfg(test)]
mod tests {
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
                Some(
                    r#"value "a\u{1b}c" does not match the regular expression "^[a-z]+$""#
                        .to_owned(),
                ),
            ),
            (
                &broken,
                "a",
                Some(
                    r#"the rule "(" is not a regular expression that prebuildctl can read"#
                        .to_owned(),
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
                .map_err(|error| vec![format!("parameter \"p\": {error}")]);
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
        let errors = resolve(
            &[required("b"), required("a\n")],
            &map(&[]),
            &map(&[]),
            None,
        )
        .unwrap_err();
        assert_eq!(errors.len(), 2);
        assert!(errors[0].starts_with("parameter \"b\": "), "{errors:?}");
        assert!(errors[1].starts_with("parameter \"a\\n\": "), "{errors:?}");
    }
}

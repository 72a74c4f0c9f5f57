//! Template parameters: what a template version declares, whether a value fits, and which values
//! a build gets.
//!
//! Pure: no database, no file format, no clock. The definition mirrors the columns of
//! `template_version_parameters`, so it says nothing that the database can't hold. Names and
//! values come from people and stand quoted and escaped in every message.
//!
//! Builds of classic templates get their values here, rule by rule as the server does. The same
//! definitions, read by [`crate::template`], serve versions of dynamic templates that can only be
//! judged by their rows.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pattern;
use crate::template;

pub(crate) use crate::template::{
    BOOL, DECREASING, INCREASING, LIST, MULTI_SELECT, NUMBER, STRING,
};

/// Why a build can't have the values that it would need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The server would certainly refuse it.
    Invalid(String),
    /// Only the server can tell.
    Unknown(String),
}

impl Problem {
    fn into_text(self) -> String {
        match self {
            Self::Invalid(text) | Self::Unknown(text) => text,
        }
    }
}

/// Joins the problems of one build: it is certain as soon as one of them is.
pub(super) fn join(problems: Vec<(String, Problem)>) -> Problem {
    let certain = problems
        .iter()
        .any(|(_, problem)| matches!(problem, Problem::Invalid(_)));
    let texts: Vec<String> = problems
        .into_iter()
        .map(|(what, problem)| format!("{what}: {}", problem.into_text()))
        .collect();
    let text = texts.join("; ");
    if certain {
        Problem::Invalid(text)
    } else {
        Problem::Unknown(text)
    }
}

/// A parameter of a template version.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct ParameterDefinition {
    /// Name, unique within the template version.
    pub name: String,
    /// Name for people; empty: the name.
    pub display_name: String,
    pub description: String,
    /// The type: [`STRING`], [`NUMBER`], [`BOOL`] or [`LIST`]. Values of any other are not checked.
    pub kind: String,
    /// Whether a workspace's value may change after its first build.
    pub mutable: bool,
    /// The value when none is given.
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
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct OptionDefinition {
    /// Name for people.
    pub name: String,
    pub description: String,
    pub value: String,
    /// URL or path of a picture.
    pub icon: String,
}

impl ParameterDefinition {
    /// Checks a value against type, options, regular expression, minimum and maximum, so that both
    /// flows accept it.
    ///
    /// The error reads on from a name: `value "99" is above the maximum 32`.
    pub(crate) fn check_value(&self, value: &str) -> Result<(), String> {
        self.check(value).map_err(Problem::into_text)?;
        if self.kind == NUMBER {
            self.check_number(value)?;
        }
        Ok(())
    }

    fn check(&self, value: &str) -> Result<(), Problem> {
        self.check_options(value).map_err(Problem::Invalid)?;
        match self.kind.as_str() {
            STRING => self.check_text(value),
            // Where no rule asks for a number, the classic flow takes any text for one.
            NUMBER if self.has_number_rules() => self.check_number(value).map_err(Problem::Invalid),
            BOOL if !matches!(value, "true" | "false") => Err(Problem::Invalid(format!(
                "value {value:?} is neither \"true\" nor \"false\""
            ))),
            LIST => parse_list(value).map(drop).map_err(Problem::Invalid),
            _ => Ok(()),
        }
    }

    /// The definition as the dynamic flow judges stored rows. Its rule is carried over only where
    /// it has an error text, a regular expression or a monotonic rule: minimum and maximum alone are
    /// not held (coderd 2.24 to 2.36).
    pub(super) fn rendered(&self) -> template::Definition {
        let text = |text: &String| (!text.is_empty()).then(|| text.clone());
        let has_rule = !self.validation_error.is_empty()
            || !self.validation_regex.is_empty()
            || !self.validation_monotonic.is_empty();
        let options = self.options.iter().map(|option| template::Choice {
            name: option.name.clone(),
            description: option.description.clone(),
            value: option.value.clone(),
            icon: option.icon.clone(),
        });
        template::Definition {
            name: self.name.clone(),
            display_name: self.display_name.clone(),
            description: self.description.clone(),
            kind: self.kind.clone(),
            mutable: self.mutable,
            default_value: (!self.required).then(|| self.default_value.clone()),
            icon: self.icon.clone(),
            options: options.collect(),
            validation: has_rule.then(|| template::Validation {
                regex: text(&self.validation_regex),
                min: self.validation_min.map(i64::from),
                max: self.validation_max.map(i64::from),
                error: self.validation_error.clone(),
                monotonic: text(&self.validation_monotonic),
            }),
            required: self.required,
            display_order: i64::from(self.display_order),
            ephemeral: self.ephemeral,
            form_type: self.form_type.clone(),
        }
    }

    fn has_number_rules(&self) -> bool {
        self.validation_min.is_some()
            || self.validation_max.is_some()
            || !self.validation_monotonic.is_empty()
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

    fn check_text(&self, value: &str) -> Result<(), Problem> {
        let pattern = &self.validation_regex;
        if pattern.is_empty() {
            return Ok(());
        }
        let regex = pattern::compile(pattern).ok_or_else(|| {
            Problem::Unknown(format!(
                "the rule {pattern:?} is not a regular expression that prebuildctl can read"
            ))
        })?;
        if regex.is_match(value) {
            return Ok(());
        }
        Err(Problem::Invalid(self.refusal(
            value,
            format!("does not match the regular expression {pattern:?}"),
        )))
    }

    fn check_number(&self, value: &str) -> Result<(), String> {
        let (min, max) = (self.validation_min, self.validation_max);
        if !self.has_number_rules() {
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
    fn resolve(&self, candidate: Option<&str>, previous: Option<&str>) -> Result<String, Problem> {
        let carried = previous.filter(|_| !self.ephemeral);
        let value = candidate.or(carried).unwrap_or(&self.default_value);
        if let (false, Some(changed), Some(previous)) = (self.mutable, candidate, previous)
            && changed != previous
        {
            return Err(Problem::Invalid(format!(
                "value {changed:?} differs from the last build's {previous:?}, and the parameter \
                 is immutable"
            )));
        }
        if self.required && candidate.is_none() && previous.is_none() {
            let problem = "a value is required, and there is no default";
            return Err(Problem::Invalid(problem.to_owned()));
        }
        if self.required && value.is_empty() {
            let problem = "the value is empty, but one is required";
            return Err(Problem::Invalid(problem.to_owned()));
        }
        // An empty value is kept as it is, but judged as the default that it stands for.
        let judged = if value.is_empty() {
            &self.default_value
        } else {
            value
        };
        self.check(judged)?;
        if let Some(previous) = previous {
            self.check_monotonic(judged, previous)
                .map_err(Problem::Invalid)?;
        }
        Ok(value.to_owned())
    }
}

/// Works out the parameter values of a build of a classic template.
///
/// Precedence is preset, given, last build, default. `last_build` is none for a workspace's first
/// build. A delete build is the call without preset and given values: the last build's values are
/// carried over, apart from ephemeral ones, which fall back to their defaults. Values of
/// parameters that the version doesn't declare are left out.
///
/// # Errors
/// One problem for all parameters, in the order of the definitions, each named.
pub(super) fn resolve(
    definitions: &[ParameterDefinition],
    preset: &BTreeMap<String, String>,
    given: &BTreeMap<String, String>,
    last_build: Option<&BTreeMap<String, String>>,
) -> Result<BTreeMap<String, String>, Problem> {
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    for definition in definitions {
        let name = &definition.name;
        let candidate = preset.get(name).or_else(|| given.get(name));
        let previous = last_build.and_then(|values| values.get(name));
        match definition.resolve(candidate.map(String::as_str), previous.map(String::as_str)) {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(problem) => problems.push((format!("parameter {name:?}"), problem)),
        }
    }
    if problems.is_empty() {
        Ok(values)
    } else {
        Err(join(problems))
    }
}

/// The elements of a value of type [`LIST`].
fn parse_list(value: &str) -> Result<Vec<String>, String> {
    serde_json::from_str(value)
        .map_err(|_| format!("value {value:?} is not a JSON array of texts such as [\"a\",\"b\"]"))
}

//! Template parameters: what a template version declares, whether a value fits, and which values
//! a build gets.
//!
//! Pure: no database, no file format, no clock. The definition mirrors the columns of
//! `template_version_parameters`, so it says nothing that the database can't hold. Names and
//! values come from people and stand quoted and escaped in every message.
//!
//! A template's flow decides how builds get their values. The classic one works on what is defined
//! here, rule by rule as the server does. The dynamic one renders the template, and only the server
//! can do that in full: parameters, options and defaults may depend on other values. Here its values
//! are worked out from the definitions as they were imported, and only where nothing speaks against
//! it; anything that the definitions refuse or don't know is left to the server, never guessed.

#[cfg(test)]
mod tests;

use crate::builds::pattern;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The type of a parameter whose value is any text.
pub(crate) const STRING: &str = "string";
/// The type of a parameter whose value is a decimal number.
pub(crate) const NUMBER: &str = "number";
/// The type of a parameter whose value is `true` or `false`.
pub(crate) const BOOL: &str = "bool";
/// The type of a parameter whose value is a JSON array of texts.
pub(crate) const LIST: &str = "list(string)";

/// The form type under which the elements of a list, not the list as a whole, are the options.
pub(crate) const MULTI_SELECT: &str = "multi-select";

/// The form type of a parameter that could not be read.
const UNUSABLE: &str = "error";

/// The monotonic rule under which a value never gets smaller.
pub(crate) const INCREASING: &str = "increasing";
/// The monotonic rule under which a value never gets larger.
pub(crate) const DECREASING: &str = "decreasing";

/// How the values of a template's parameters are worked out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// From the definitions.
    Classic,
    /// By rendering the template for the owner.
    Dynamic,
}

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

/// Joins the problems of one build: it is certain as soon as one of them is, unless the server is
/// to render the template.
pub(crate) fn join(flow: Flow, problems: Vec<(String, Problem)>) -> Problem {
    let certain = problems
        .iter()
        .any(|(_, problem)| matches!(problem, Problem::Invalid(_)));
    let texts: Vec<String> = problems
        .into_iter()
        .map(|(what, problem)| format!("{what}: {}", problem.into_text()))
        .collect();
    let text = texts.join("; ");
    match flow {
        Flow::Classic if certain => Problem::Invalid(text),
        Flow::Classic => Problem::Unknown(text),
        Flow::Dynamic => Problem::Unknown(format!(
            "{text}; the template has dynamic parameters, so that only coderd, which renders it, can tell"
        )),
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
        self.check(Flow::Dynamic, value).map_err(Problem::into_text)
    }

    fn check(&self, flow: Flow, value: &str) -> Result<(), Problem> {
        self.check_options(value).map_err(Problem::Invalid)?;
        match self.kind.as_str() {
            STRING => self.check_text(value),
            // Where no rule asks for a number, the classic flow takes any text for one.
            NUMBER if flow == Flow::Classic && !self.has_number_rules() => Ok(()),
            NUMBER => self.check_number(value).map_err(Problem::Invalid),
            BOOL if !matches!(value, "true" | "false") => Err(Problem::Invalid(format!(
                "value {value:?} is neither \"true\" nor \"false\""
            ))),
            LIST => parse_list(value).map(drop).map_err(Problem::Invalid),
            _ => Ok(()),
        }
    }

    /// Whether the import found something else than a parameter of a known type, as happens when that
    /// depends on other values.
    fn is_unsettled(&self) -> bool {
        let is_known = matches!(self.kind.as_str(), STRING | NUMBER | BOOL | LIST);
        !is_known || self.form_type == UNUSABLE
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
    fn resolve(
        &self,
        flow: Flow,
        candidate: Option<&str>,
        previous: Option<&str>,
    ) -> Result<String, Problem> {
        if flow == Flow::Dynamic && self.is_unsettled() {
            let problem = "what it is was not settled when the version was imported";
            return Err(Problem::Unknown(problem.to_owned()));
        }
        let carried = previous.filter(|_| !self.ephemeral);
        let value = candidate.or(carried).unwrap_or(&self.default_value);
        // The dynamic flow looks at the value that comes out, the classic one at the one given.
        let changed = match flow {
            Flow::Classic => candidate,
            Flow::Dynamic => Some(value),
        };
        if let (false, Some(changed), Some(previous)) = (self.mutable, changed, previous)
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
        let judged = match flow {
            // An empty value is kept as it is, but judged as the default that it stands for.
            Flow::Classic if value.is_empty() => &self.default_value,
            // The server has accepted what the last build had, and may have had other options for it
            // than the definitions say.
            Flow::Dynamic if candidate.is_none() && carried.is_some() => {
                return Ok(value.to_owned());
            }
            _ => value,
        };
        self.check(flow, judged)?;
        if let Some(previous) = previous {
            self.check_monotonic(judged, previous)
                .map_err(Problem::Invalid)?;
        }
        Ok(value.to_owned())
    }
}

/// Works out the parameter values of a build.
///
/// Precedence is preset, given, last build, default. `last_build` is none for a workspace's first
/// build. A delete build is the call without preset and given values: the last build's values are
/// carried over, apart from ephemeral ones, which fall back to their defaults. Values of
/// parameters that the version doesn't declare are left out.
///
/// # Errors
/// One problem for all parameters, in the order of the definitions, each named. In the dynamic flow
/// it is unknown, never invalid; a value for a parameter that isn't defined is one as well, because
/// the rendered template may have it.
pub(crate) fn resolve(
    flow: Flow,
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
        let (candidate, previous) = (candidate.map(String::as_str), previous.map(String::as_str));
        match definition.resolve(flow, candidate, previous) {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(problem) => problems.push((format!("parameter {name:?}"), problem)),
        }
    }
    if flow == Flow::Dynamic {
        let defined = |name: &str| definitions.iter().any(|known| known.name == name);
        for name in preset.keys().chain(given.keys()).filter(|it| !defined(it)) {
            let problem = "a value is given, but the version was imported without it".to_owned();
            problems.push((format!("parameter {name:?}"), Problem::Unknown(problem)));
        }
    }
    if problems.is_empty() {
        Ok(values)
    } else {
        Err(join(flow, problems))
    }
}

/// The elements of a value of type [`LIST`].
fn parse_list(value: &str) -> Result<Vec<String>, String> {
    serde_json::from_str(value)
        .map_err(|_| format!("value {value:?} is not a JSON array of texts such as [\"a\",\"b\"]"))
}

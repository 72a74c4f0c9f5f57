//! What a parameter is, and whether a value fits it.
//!
//! Invariant: a value is judged as Coder's provider judges it, in the same order: options, rule, type.
//! A definition read from `template_version_parameters` can be judged by the same function.

mod forms;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::diagnostic::Reason;
use super::evaluate::FailureKind;
use super::functions;

pub(crate) use forms::form_type;

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

/// The monotonic rule under which a value never gets smaller.
pub(crate) const INCREASING: &str = "increasing";
/// The monotonic rule under which a value never gets larger.
pub(crate) const DECREASING: &str = "decreasing";

/// A parameter of a template version; its fields are the columns of `template_version_parameters`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Definition {
    /// Name, unique within a version.
    pub name: String,
    /// Name for people; empty: the name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// The type: [`STRING`], [`NUMBER`], [`BOOL`] or [`LIST`].
    pub kind: String,
    /// Whether a workspace's value may change after its first build.
    pub mutable: bool,
    /// The value when none is given; empty where there is no default, or it isn't known.
    pub default_value: String,
    /// URL or path of a picture.
    pub icon: String,
    /// The only values allowed; empty: no such limit.
    pub options: Vec<Choice>,
    /// Regular expression of Go's that a text must match somewhere; empty: none.
    pub validation_regex: String,
    /// Smallest number allowed.
    pub validation_min: Option<i64>,
    /// Largest number allowed.
    pub validation_max: Option<i64>,
    /// What to tell people about a value that breaks the rule; `{min}`, `{max}` and `{value}` are
    /// replaced. Empty: a text of ours.
    pub validation_error: String,
    /// [`INCREASING`], [`DECREASING`] or empty.
    pub validation_monotonic: String,
    /// Whether a value must be given, as there is no default.
    pub required: bool,
    /// Position in forms.
    pub display_order: i64,
    /// Whether the value holds for one build only.
    pub ephemeral: bool,
    /// Kind of form element; empty: chosen by the type.
    pub form_type: String,
    /// Whether forms hide what is typed, as they do a password.
    pub masked: bool,
}

/// One of the values that a parameter allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Choice {
    /// Name for people.
    pub name: String,
    /// What it means.
    pub description: String,
    /// The value.
    pub value: String,
    /// URL or path of a picture.
    pub icon: String,
}

/// Why a value doesn't fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// What it breaks.
    pub reason: Reason,
    /// A fragment that reads on from the parameter's name. It quotes nothing that a template works out.
    pub message: String,
    /// The same with the limit that the value breaks, for definitions that are stored in plain text.
    pub with_limit: String,
}

impl Misfit {
    pub(super) fn new(reason: Reason, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            reason,
            with_limit: message.clone(),
            message,
        }
    }
}

impl Definition {
    /// A stored definition as builds hold it: its rule counts only where it has an error text, a regular
    /// expression or a monotonic rule; minimum and maximum alone do not (coderd 2.24 to 2.36).
    pub(crate) fn held(&self) -> Self {
        let mut held = self.clone();
        if held.validation_error.is_empty()
            && held.validation_regex.is_empty()
            && held.validation_monotonic.is_empty()
        {
            (held.validation_min, held.validation_max) = (None, None);
        }
        held
    }

    /// Whether there is anything to a rule besides its error text.
    pub(crate) fn asks_anything(&self) -> bool {
        !self.validation_regex.is_empty()
            || self.validation_min.is_some()
            || self.validation_max.is_some()
            || !self.validation_monotonic.is_empty()
    }

    /// Judges a value, or that there is none, as the dynamic flow does. Values don't stand in the
    /// messages.
    ///
    /// # Errors
    ///
    /// Why it doesn't fit, or why no value of this parameter could be judged.
    pub(crate) fn check(&self, value: Option<&str>) -> Result<(), Misfit> {
        let has_rule = self.asks_anything() || !self.validation_error.is_empty();
        self.check_with(value, has_rule)
    }

    /// The same, where even a rule that says nothing may be one.
    pub(super) fn check_with(&self, value: Option<&str>, has_rule: bool) -> Result<(), Misfit> {
        let (option_type, _) = form_type(&self.kind, !self.options.is_empty(), &self.form_type)
            .map_err(|message| Misfit::new(Reason::Definition, message))?;
        self.check_choices(option_type)?;
        // A rule judges a missing value as an empty text; without a rule nothing asks for one.
        let Some(value) = value.or(has_rule.then_some("")) else {
            return Ok(());
        };
        self.check_choice(value)?;
        if has_rule {
            self.check_rule(value)?;
        }
        if is_of_type(&self.kind, value) {
            Ok(())
        } else {
            let message = format!("the value is not of the type {}", self.kind);
            Err(Misfit::new(Reason::Validation, message))
        }
    }

    fn check_choices(&self, option_type: &str) -> Result<(), Misfit> {
        let (mut names, mut values) = (BTreeSet::new(), BTreeSet::new());
        for option in &self.options {
            let problem = if !names.insert(&option.name) {
                "two options have the same name"
            } else if !values.insert(&option.value) {
                "two options have the same value"
            } else if !is_of_type(option_type, &option.value) {
                "the value of an option is not of the parameter's type"
            } else {
                continue;
            };
            return Err(Misfit::new(Reason::Definition, problem));
        }
        Ok(())
    }

    /// Judges a value against the options.
    pub(crate) fn check_choice(&self, value: &str) -> Result<(), Misfit> {
        let options = self.options.iter().map(|option| option.value.as_str());
        let options: BTreeSet<&str> = options.collect();
        let misfit = |what| {
            let options = self.options.iter().map(|option| &option.value);
            let options: Vec<_> = options.collect();
            let message = format!("{what} is not one of the options");
            Err(Misfit {
                reason: Reason::Option,
                with_limit: format!("{message} {options:?}"),
                message,
            })
        };
        if self.options.is_empty() {
            Ok(())
        } else if self.kind == LIST && self.form_type == MULTI_SELECT {
            match elements(value) {
                None => Err(Misfit::new(Reason::Option, NO_LIST)),
                Some(elements) if elements.iter().all(|it| options.contains(&**it)) => Ok(()),
                Some(_) => misfit("an element of the value"),
            }
        } else if options.contains(value) {
            Ok(())
        } else {
            misfit("the value")
        }
    }

    /// Judges a value against the rule, apart from the previous value.
    pub(crate) fn check_rule(&self, value: &str) -> Result<(), Misfit> {
        let (kind, is_monotonic) = (self.kind.as_str(), !self.validation_monotonic.is_empty());
        let number_rules = [
            ("min", self.validation_min.is_some()),
            ("max", self.validation_max.is_some()),
            ("monotonic", is_monotonic),
        ];
        let misplaced = number_rules
            .iter()
            .find(|(_, is_set)| *is_set && kind != NUMBER);
        if let Some((rule, _)) = misplaced {
            let message = format!("{rule} is a rule for numbers, not for {kind}");
            return Err(Misfit::new(Reason::Definition, message));
        }
        if !self.validation_regex.is_empty() && kind != STRING {
            let message = format!("regex is a rule for texts, not for {kind}");
            return Err(Misfit::new(Reason::Definition, message));
        }
        match kind {
            BOOL if !matches!(value, "true" | "false") => Err(Misfit::new(
                Reason::Validation,
                "the value is neither true nor false",
            )),
            STRING => self.check_text(value),
            NUMBER => self.check_number(value),
            LIST if elements(value).is_none() => Err(Misfit::new(Reason::Validation, NO_LIST)),
            _ => Ok(()),
        }
    }

    fn check_text(&self, value: &str) -> Result<(), Misfit> {
        let pattern = &self.validation_regex;
        if pattern.is_empty() {
            return Ok(());
        }
        let regex = functions::regular_expression(pattern).map_err(|failure| {
            let is_refused = failure.kind == FailureKind::Refused;
            let reason = if is_refused {
                Reason::Definition
            } else {
                Reason::Unsupported
            };
            Misfit::new(reason, failure.to_string())
        })?;
        if self.validation_error.is_empty() {
            let message = "a rule with a regular expression needs an error text";
            return Err(Misfit::new(Reason::Definition, message));
        }
        if regex.is_match(value) {
            Ok(())
        } else {
            Err(self.refusal(
                "does not match the regular expression",
                format!("{pattern:?}"),
            ))
        }
    }

    fn check_number(&self, value: &str) -> Result<(), Misfit> {
        let Ok(number) = value.parse::<i64>() else {
            return Err(self.refusal("is no whole number, as a rule needs it", ""));
        };
        if let Some(min) = self.validation_min.filter(|min| number < *min) {
            return Err(self.refusal("is below the minimum", min));
        }
        if let Some(max) = self.validation_max.filter(|max| number > *max) {
            return Err(self.refusal("is above the maximum", max));
        }
        match self.validation_monotonic.as_str() {
            "" | INCREASING | DECREASING => Ok(()),
            _ => {
                let message = "monotonic is neither increasing nor decreasing";
                Err(Misfit::new(Reason::Definition, message))
            }
        }
    }

    /// Judges a value against the value of the last build. A previous value that is no number never
    /// breaks the rule.
    ///
    /// # Errors
    ///
    /// The value goes the wrong way.
    pub(crate) fn check_monotonic(&self, value: &str, previous: &str) -> Result<(), Misfit> {
        let (Ok(now), Ok(before)) = (value.parse::<i64>(), previous.parse::<i64>()) else {
            return Ok(());
        };
        let problem = match self.validation_monotonic.as_str() {
            INCREASING if now < before => "is below that of the last build; it may only grow",
            DECREASING if now > before => "is above that of the last build; it may only shrink",
            _ => return Ok(()),
        };
        Err(self.refusal(problem, ""))
    }

    /// The template author's words, where they say something, besides ours.
    fn refusal(&self, ours: &str, limit: impl fmt::Display) -> Misfit {
        let bound = |bound: Option<i64>| bound.unwrap_or_default().to_string();
        // The value is not quoted: it may come from a secret.
        let theirs = self
            .validation_error
            .replace("{min}", &bound(self.validation_min))
            .replace("{max}", &bound(self.validation_max))
            .replace("{value}", "the value");
        let separator = if theirs.is_empty() { "" } else { ": " };
        let with_limit = format!("the value {ours} {limit}");
        Misfit {
            reason: Reason::Validation,
            message: format!("the value {ours}{separator}{theirs}"),
            with_limit: format!("{}{separator}{theirs}", with_limit.trim_end()),
        }
    }
}

const NO_LIST: &str = "the value is not a JSON array of texts such as [\"a\",\"b\"]";

/// Whether a text is a value of a parameter's type.
fn is_of_type(kind: &str, value: &str) -> bool {
    match kind {
        STRING => true,
        // Go has no number that is too large.
        NUMBER => value
            .parse()
            .is_ok_and(|number: f64| number.is_finite() || !value.contains(char::is_numeric)),
        BOOL => [
            "1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False",
        ]
        .contains(&value),
        LIST => elements(value).is_some(),
        _ => false,
    }
}

/// The elements of a value of type [`LIST`]. Go reads nulls as empty texts, and a null as no element.
fn elements(value: &str) -> Option<Vec<String>> {
    let elements: Option<Vec<Option<String>>> = serde_json::from_str(value).ok()?;
    Some(
        elements
            .unwrap_or_default()
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect(),
    )
}

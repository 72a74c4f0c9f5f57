//! What a parameter is, and whether a value fits it.
//!
//! Invariant: a value is judged as Coder's provider judges it, in the same order: options, rule, type.
//! A definition read from `template_version_parameters` can be judged by the same function.

mod forms;

#[cfg(test)]
mod tests;

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

/// A parameter of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Definition {
    /// Name, unique within a render.
    pub name: String,
    /// Name for people; empty: the name.
    pub display_name: String,
    /// What it is for.
    pub description: String,
    /// The type: [`STRING`], [`NUMBER`], [`BOOL`] or [`LIST`].
    pub kind: String,
    /// Whether a workspace's value may change after its first build.
    pub mutable: bool,
    /// The value when none is given; none where there is no default, or it isn't known.
    pub default_value: Option<String>,
    /// URL or path of a picture.
    pub icon: String,
    /// The only values allowed; empty: no such limit.
    pub options: Vec<Choice>,
    /// The rule for values.
    pub validation: Option<Validation>,
    /// Whether a value must be given, as there is no default.
    pub required: bool,
    /// Position in forms.
    pub display_order: i64,
    /// Whether the value holds for one build only.
    pub ephemeral: bool,
    /// Kind of form element; empty: chosen by the type.
    pub form_type: String,
}

/// One of the values that a parameter allows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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

/// The rule for a parameter's values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Validation {
    /// Regular expression that a text must match somewhere.
    pub regex: Option<String>,
    /// Smallest number allowed.
    pub min: Option<i64>,
    /// Largest number allowed.
    pub max: Option<i64>,
    /// What to tell people about a value that breaks the rule; `{min}`, `{max}` and `{value}` are
    /// replaced. Empty: a text of ours.
    pub error: String,
    /// [`INCREASING`] or [`DECREASING`].
    pub monotonic: Option<String>,
}

/// Why a value doesn't fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misfit {
    /// What it breaks.
    pub reason: Reason,
    /// A fragment that reads on from the parameter's name.
    pub message: String,
}

impl Misfit {
    fn new(reason: Reason, message: impl Into<String>) -> Self {
        Self {
            reason,
            message: message.into(),
        }
    }
}

impl Definition {
    /// Judges a value, or that there is none. Values don't stand in the messages.
    ///
    /// # Errors
    ///
    /// Why it doesn't fit, or why no value of this parameter could be judged.
    pub(crate) fn check(&self, value: Option<&str>) -> Result<(), Misfit> {
        let (option_type, _) = form_type(&self.kind, !self.options.is_empty(), &self.form_type)
            .map_err(|message| Misfit::new(Reason::Definition, message))?;
        self.check_choices(option_type)?;
        // A rule judges a missing value as an empty text; without a rule nothing asks for one.
        let value = value.or(self.validation.as_ref().map(|_| ""));
        let Some(value) = value else { return Ok(()) };
        self.check_choice(value, option_type)?;
        if let Some(validation) = &self.validation {
            validation.check(&self.kind, value)?;
        }
        if is_of_type(&self.kind, value) {
            Ok(())
        } else {
            let message = format!("the value is not of the type {}", self.kind);
            Err(Misfit::new(Reason::Validation, message))
        }
    }

    fn check_choices(&self, option_type: &str) -> Result<(), Misfit> {
        for (index, option) in self.options.iter().enumerate() {
            let before = self.options.iter().take(index);
            let problem = if before.clone().any(|other| other.name == option.name) {
                "two options have the same name"
            } else if before.clone().any(|other| other.value == option.value) {
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

    fn check_choice(&self, value: &str, option_type: &str) -> Result<(), Misfit> {
        let is_option = |value: &str| self.options.iter().any(|option| option.value == value);
        if self.options.is_empty() {
            return Ok(());
        }
        if self.kind == LIST && option_type == STRING {
            let elements = elements(value).ok_or_else(|| {
                Misfit::new(Reason::Option, "the value is not a JSON array of texts")
            })?;
            if !elements.iter().all(|element| is_option(element)) {
                let message = "an element of the value is not one of the options";
                return Err(Misfit::new(Reason::Option, message));
            }
        } else if !is_option(value) {
            return Err(Misfit::new(
                Reason::Option,
                "the value is not one of the options",
            ));
        }
        Ok(())
    }
}

impl Validation {
    /// Judges a value against the rule, apart from the previous value.
    fn check(&self, kind: &str, value: &str) -> Result<(), Misfit> {
        let definition = |message: String| Err(Misfit::new(Reason::Definition, message));
        let number_rules = [
            ("min", self.min.is_some()),
            ("max", self.max.is_some()),
            ("monotonic", self.monotonic.is_some()),
        ];
        if let Some((rule, _)) = number_rules
            .iter()
            .find(|(_, is_set)| *is_set && kind != NUMBER)
        {
            return definition(format!("{rule} is a rule for numbers, not for {kind}"));
        }
        if self.regex.is_some() && kind != STRING {
            return definition(format!("regex is a rule for texts, not for {kind}"));
        }
        match kind {
            BOOL if !matches!(value, "true" | "false") => Err(Misfit::new(
                Reason::Validation,
                "the value is neither true nor false",
            )),
            STRING => self.check_text(value),
            NUMBER => self.check_number(value),
            LIST if elements(value).is_none() => Err(Misfit::new(
                Reason::Validation,
                "the value is not a JSON array of texts",
            )),
            _ => Ok(()),
        }
    }

    fn check_text(&self, value: &str) -> Result<(), Misfit> {
        let Some(pattern) = &self.regex else {
            return Ok(());
        };
        let regex = functions::regular_expression(pattern).map_err(|failure| {
            let is_refused = failure.kind == FailureKind::Refused;
            let reason = if is_refused {
                Reason::Definition
            } else {
                Reason::Unsupported
            };
            Misfit::new(reason, failure.to_string())
        })?;
        if self.error.is_empty() {
            let message = "a rule with a regular expression needs an error text";
            return Err(Misfit::new(Reason::Definition, message));
        }
        if regex.is_match(value) {
            Ok(())
        } else {
            Err(self.refusal("does not match the regular expression"))
        }
    }

    fn check_number(&self, value: &str) -> Result<(), Misfit> {
        let Ok(number) = value.parse::<i64>() else {
            return Err(self.refusal("is no whole number, as a rule needs it"));
        };
        if self.min.is_some_and(|min| number < min) {
            return Err(self.refusal("is below the minimum"));
        }
        if self.max.is_some_and(|max| number > max) {
            return Err(self.refusal("is above the maximum"));
        }
        match self.monotonic.as_deref() {
            None | Some("" | INCREASING | DECREASING) => Ok(()),
            Some(_) => {
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
        let problem = match self.monotonic.as_deref() {
            Some(INCREASING) if now < before => "is below that of the last build; it may only grow",
            Some(DECREASING) if now > before => {
                "is above that of the last build; it may only shrink"
            }
            _ => return Ok(()),
        };
        Err(self.refusal(problem))
    }

    /// The template author's words, where they say something, besides ours.
    fn refusal(&self, ours: &str) -> Misfit {
        let message = format!("the value {ours}");
        let bound = |bound: Option<i64>| bound.unwrap_or_default().to_string();
        let theirs = self
            .error
            .replace("{min}", &bound(self.min))
            .replace("{max}", &bound(self.max));
        // The value is not quoted: it may come from a secret.
        let theirs = theirs.replace("{value}", "the value");
        let message = if theirs.is_empty() {
            message
        } else {
            format!("{message}: {theirs}")
        };
        Misfit::new(Reason::Validation, message)
    }
}

/// Whether a text is a value of a parameter's type.
fn is_of_type(kind: &str, value: &str) -> bool {
    match kind {
        STRING => true,
        NUMBER => value.parse::<f64>().is_ok(),
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

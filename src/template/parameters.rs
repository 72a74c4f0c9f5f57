//! The parameters that exist after a render, with their values and what is wrong with them.
//!
//! Invariant: a parameter whose definition depends on what is not known has a problem, so that no
//! build is made of it.

use std::collections::BTreeMap;

use super::configuration::{Attribute, Body};
use super::diagnostic::{Diagnostic, Place, Reason};
use super::evaluate::{Failure, FailureKind};
use super::instances::{Instance, Own, instance_of};
use super::module::{Module, PARAMETER};
use super::rules::{BOOL, Choice, Definition, LIST, Misfit, NUMBER, STRING, form_type};
use super::scope::BlockScope;
use super::value::Value;

/// The form type of a parameter that can't be used.
const UNUSABLE: &str = "error";

/// The form types that a template may ask for.
const FORMS: [&str; 10] = [
    "radio",
    "slider",
    "input",
    "dropdown",
    "checkbox",
    "switch",
    "multi-select",
    "tag-select",
    "textarea",
    UNUSABLE,
];

/// A parameter with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Parameter {
    /// What it is.
    pub definition: Definition,
    /// Its value; none where it is missing, null or not known.
    pub value: Option<String>,
    /// Whether the value is known; a missing one is.
    pub is_known: bool,
    /// Whether its default is the text that is written with the build, whatever happens.
    pub(super) has_fixed_default: bool,
    /// Why no build can be made with it; empty when one can.
    pub problems: Vec<Misfit>,
    /// Where it is defined; none for a stored definition.
    pub place: Option<Place>,
}

/// Reads the parameters of all modules, in the order of forms.
///
/// # Errors
///
/// A bound is exceeded.
pub(super) fn read(
    modules: &[&Module<'_>],
    errors: &mut Vec<Diagnostic>,
) -> Result<Vec<Parameter>, Failure> {
    let mut parameters: Vec<Parameter> = Vec::new();
    for module in modules {
        for instance in module
            .blocks("data")
            .filter(|it| it.block.is_data(PARAMETER))
        {
            let reader = Reader {
                module,
                instance,
                problems: Vec::new(),
            };
            match reader.read() {
                Ok(parameter) => parameters.push(parameter),
                Err(Broken::Parameter(error)) => errors.push(error),
                Err(Broken::Render(failure)) => return Err(failure),
            }
        }
    }
    let mut counts: BTreeMap<&str, Vec<&Parameter>> = BTreeMap::new();
    for parameter in &parameters {
        counts
            .entry(&parameter.definition.name)
            .or_default()
            .push(parameter);
    }
    for (name, same) in counts {
        if let [_, .., last] = same.as_slice() {
            let message = format!("{} parameters have the name {name:?}", same.len());
            errors.push(Diagnostic::error(
                Reason::Template,
                message,
                last.place.clone(),
            ));
        }
    }
    parameters.sort_by(|a, b| {
        let order = |it: &Parameter| (it.definition.display_order, it.definition.name.clone());
        order(a).cmp(&order(b))
    });
    Ok(parameters)
}

/// Why a block comes to no parameter.
enum Broken {
    /// Every render fails.
    Parameter(Diagnostic),
    /// This render can't be completed.
    Render(Failure),
}

impl From<Failure> for Broken {
    fn from(failure: Failure) -> Self {
        Self::Render(failure)
    }
}

/// Reads one parameter.
struct Reader<'a, 'r> {
    module: &'a Module<'r>,
    instance: &'a Instance,
    problems: Vec<Misfit>,
}

impl<'a> Reader<'a, '_> {
    fn read(mut self) -> Result<Parameter, Broken> {
        let instance = self.instance;
        let body = &instance.block.body;
        let own = &instance.own;
        let name = self.required_text(body, own, "name")?;
        let kind = self.word(body, "type", &[STRING, NUMBER, BOOL, LIST])?;
        let kind = if kind.is_empty() {
            STRING.to_owned()
        } else {
            kind
        };
        let form = self.word(body, "form_type", &FORMS)?;
        let default = body.attribute("default");
        let mut definition = Definition {
            name,
            kind,
            mutable: self.flag(body, own, "mutable")?,
            ephemeral: self.flag(body, own, "ephemeral")?,
            display_name: self.text(body, own, "display_name")?.unwrap_or_default(),
            description: self.text(body, own, "description")?.unwrap_or_default(),
            icon: self.text(body, own, "icon")?.unwrap_or_default(),
            display_order: self.integer(body, own, "order")?.unwrap_or_default(),
            required: default.is_none(),
            form_type: form,
            masked: self.is_masked(body, own)?,
            ..Definition::default()
        };
        let (value, is_known) = self.value()?;
        definition.default_value = self.default_value(default)?.unwrap_or_default();
        definition.options = self.options()?;
        let has_rule = self.validation(&mut definition)?;
        self.check(&mut definition, value.as_deref(), is_known, has_rule);
        Ok(Parameter {
            definition,
            value,
            is_known,
            has_fixed_default: default
                .is_none_or(|it| matches!(it.constant, Some(Value::String(_)))),
            problems: self.problems,
            place: Some(instance.block.location.place()),
        })
    }

    fn check(
        &mut self,
        definition: &mut Definition,
        value: Option<&str>,
        is_known: bool,
        has_rule: bool,
    ) {
        if is_known {
            if self.problems.is_empty()
                && let Err(misfit) = definition.check_with(value, has_rule)
            {
                self.problems.push(misfit);
            }
            if definition.required && value.is_none() {
                let message = "a value is required, and there is no default";
                self.problems.push(Misfit::new(Reason::Required, message));
            }
        } else if self.problems.is_empty() {
            let message = "the value is not known before the build";
            self.problems.push(Misfit::new(Reason::Unknown, message));
        }
        let has_options = !definition.options.is_empty();
        let form = form_type(&definition.kind, has_options, &definition.form_type);
        let form = form.map_or_else(|_| UNUSABLE.to_owned(), |(_, form)| form.to_owned());
        definition.form_type = form;
    }

    fn scope<'s>(&'s self, own: &'s Own) -> BlockScope<'s> {
        self.module.scope(own)
    }

    fn attribute(
        &mut self,
        body: &'a Body,
        own: &Own,
        name: &str,
    ) -> Result<Option<Value>, Failure> {
        let Some(attribute) = body.attribute(name) else {
            return Ok(None);
        };
        let outcome = self.scope(own).value(attribute);
        self.settled(attribute, outcome).map(Some)
    }

    /// The value of an attribute; one that only coderd can work out is a problem.
    fn settled(
        &mut self,
        attribute: &Attribute,
        outcome: Result<Value, Failure>,
    ) -> Result<Value, Failure> {
        match outcome {
            Err(failure) if failure.kind == FailureKind::Unsupported => {
                let message = format!("the attribute {:?}: {failure}", attribute.name);
                self.problems.push(Misfit::new((&failure).into(), message));
                Ok(Value::unknown())
            }
            outcome => outcome,
        }
    }

    /// The text of an attribute that must be there; without it every render fails.
    fn required_text(&mut self, body: &'a Body, own: &Own, name: &str) -> Result<String, Broken> {
        if let Some(Value::String(text)) = self.attribute(body, own, name)? {
            return Ok((*text).to_owned());
        }
        let block = &self.instance.block;
        let unsupported = self.problems.pop();
        let reason = unsupported
            .as_ref()
            .map_or(Reason::Template, |it| it.reason);
        let problem = unsupported.map_or_else(
            || format!("the {name} is no known text"),
            |misfit| misfit.message,
        );
        let message = format!("{}: {problem}", block.title());
        Err(Broken::Parameter(Diagnostic::error(
            reason,
            message,
            block.location.place(),
        )))
    }

    fn text(&mut self, body: &'a Body, own: &Own, name: &str) -> Result<Option<String>, Failure> {
        Ok(match self.attribute(body, own, name)? {
            Some(Value::String(text)) => Some((*text).to_owned()),
            _ => None,
        })
    }

    /// The text of an attribute that allows some words; empty where there is none.
    fn word(&mut self, body: &'a Body, name: &str, words: &[&str]) -> Result<String, Broken> {
        let own = &self.instance.own;
        let word = self.text(body, own, name)?.unwrap_or_default();
        if word.is_empty() || words.contains(&word.as_str()) {
            return Ok(word);
        }
        let block = &self.instance.block;
        let message = format!("{}: there is no such {name}", block.title());
        let place = block.location.place();
        Err(Broken::Parameter(Diagnostic::error(
            Reason::Template,
            message,
            place,
        )))
    }

    /// Whether an attribute is true. A text isn't.
    fn flag(&mut self, body: &'a Body, own: &Own, name: &str) -> Result<bool, Failure> {
        Ok(self.attribute(body, own, name)? == Some(Value::Bool(true)))
    }

    /// Whether the styling, a JSON object in a text, asks forms to hide the value.
    fn is_masked(&mut self, body: &'a Body, own: &Own) -> Result<bool, Failure> {
        let styling = self.text(body, own, "styling")?.unwrap_or_default();
        let styling: Result<serde_json::Value, _> = serde_json::from_str(&styling);
        Ok(styling.is_ok_and(|it| it["mask_input"] == true))
    }

    fn integer(&mut self, body: &'a Body, own: &Own, name: &str) -> Result<Option<i64>, Failure> {
        Ok(match self.attribute(body, own, name)? {
            // As far as it fits, as Go does it.
            Some(Value::Number(number)) => {
                let limit = if number.is_negative() {
                    i64::MIN
                } else {
                    i64::MAX
                };
                Some(number.truncated().to_i64().unwrap_or(limit))
            }
            _ => None,
        })
    }

    /// The parameter's value, and whether it is known.
    fn value(&mut self) -> Result<(Option<String>, bool), Failure> {
        let label = self.instance.block.name();
        let known = self.module.names.data(PARAMETER, label);
        let value = match instance_of(self.instance.key.as_ref(), known) {
            Some(Value::Object(attributes)) => attributes.get("value"),
            _ => None,
        };
        Ok(match value {
            None | Some(Value::Null(_)) => (None, true),
            Some(value) if !value.is_wholly_known() => (None, false),
            Some(value) => match value.tag_text() {
                Ok(text) => (text, true),
                Err(_) => {
                    let message = "the value is no plain text, number or boolean";
                    self.problems.push(Misfit::new(Reason::Definition, message));
                    (None, true)
                }
            },
        })
    }

    fn default_value(&mut self, default: Option<&Attribute>) -> Result<Option<String>, Failure> {
        let Some(default) = default else {
            return Ok(None);
        };
        let outcome = self.scope(&self.instance.own).value(default);
        let value = self.settled(default, outcome)?;
        Ok(value.tag_text().ok().flatten())
    }

    fn options(&mut self) -> Result<Vec<Choice>, Broken> {
        let mut options = Vec::new();
        for (body, own) in self.instance.nested("option") {
            let name = self.text(body, &own, "name")?;
            let value = self.attribute(body, &own, "value")?;
            let value = value.and_then(|value| value.tag_text().ok().flatten());
            let (Some(name), Some(value)) = (name, value) else {
                let message = "an option's name or value is not known";
                self.problems.push(Misfit::new(Reason::Unknown, message));
                continue;
            };
            options.push(Choice {
                name,
                value,
                description: self.text(body, &own, "description")?.unwrap_or_default(),
                icon: self.text(body, &own, "icon")?.unwrap_or_default(),
            });
        }
        Ok(options)
    }

    /// Reads the rule; whether there is one.
    fn validation(&mut self, definition: &mut Definition) -> Result<bool, Failure> {
        let blocks = self.instance.nested("validation");
        if blocks.len() > 1 {
            let message = "there is more than one validation block";
            self.problems.push(Misfit::new(Reason::Definition, message));
        }
        let Some((body, own)) = blocks.into_iter().next() else {
            return Ok(false);
        };
        definition.validation_regex = self.text(body, &own, "regex")?.unwrap_or_default();
        definition.validation_min = self.integer(body, &own, "min")?;
        definition.validation_max = self.integer(body, &own, "max")?;
        definition.validation_error = self.text(body, &own, "error")?.unwrap_or_default();
        definition.validation_monotonic = self.text(body, &own, "monotonic")?.unwrap_or_default();
        Ok(true)
    }
}

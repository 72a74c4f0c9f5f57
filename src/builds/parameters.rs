//! Which values a build of a classic template gets, rule by rule as coderd does it.
//!
//! Invariant: preset, given, last build, default, in this order; what no row of the version declares is
//! left out. Whether a value fits is judged by [`Definition`], whose rows the static flow shares.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::template::{BOOL, Definition, LIST, Misfit, Reason, Values};

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

impl From<Misfit> for Problem {
    fn from(misfit: Misfit) -> Self {
        match misfit.reason {
            Reason::Unsupported => Self::Unknown(misfit.with_limit),
            _ => Self::Invalid(misfit.with_limit),
        }
    }
}

/// Works out the parameter values of a build of a classic template. `last_build` is none for a
/// workspace's first build. A delete build is the call without preset and given values: the last
/// build's values are carried over, apart from ephemeral ones, which fall back to their defaults.
///
/// # Errors
/// One problem for all parameters, in the order of the definitions, each named.
pub(super) fn resolve(
    definitions: &[Definition],
    preset: &Values,
    given: &Values,
    last_build: Option<&Values>,
) -> Result<Values, Problem> {
    let mut values = BTreeMap::new();
    let mut problems = Vec::new();
    for definition in definitions {
        let name = &definition.name;
        let candidate = preset.get(name).or_else(|| given.get(name));
        let previous = last_build.and_then(|values| values.get(name));
        let carried = previous.filter(|_| !definition.ephemeral);
        let value = candidate.or(carried).unwrap_or(&definition.default_value);
        let problem = match check_presence(definition, candidate, previous, value) {
            Err(problem) => Err((String::new(), Problem::Invalid(problem.to_owned()))),
            Ok(()) => check(&definition.held(), value, previous)
                .map_err(|misfit| (format!(" is {value:?}"), misfit.into())),
        };
        match problem {
            Ok(()) => drop(values.insert(name.clone(), value.clone())),
            Err((what, problem)) => problems.push((format!("parameter {name:?}{what}"), problem)),
        }
    }
    if problems.is_empty() {
        Ok(values)
    } else {
        Err(join(problems))
    }
}

/// Judges whether there is a value, and whether it may differ from that of the last build.
fn check_presence(
    definition: &Definition,
    candidate: Option<&String>,
    previous: Option<&String>,
    value: &str,
) -> Result<(), &'static str> {
    match (candidate, previous) {
        (Some(candidate), Some(previous)) if !definition.mutable && candidate != previous => {
            Err("it is immutable and would change")
        }
        (None, None) if definition.required => Err("a value is required, and there is no default"),
        _ if definition.required && value.is_empty() => {
            Err("the value is empty, but one is required")
        }
        _ => Ok(()),
    }
}

/// Judges a value as the classic flow does: it doesn't look at the options themselves, nor at the type
/// of a number without a rule.
fn check(definition: &Definition, value: &str, previous: Option<&String>) -> Result<(), Misfit> {
    // An empty value is kept as it is, but judged as the default that it stands for.
    let judged = if value.is_empty() {
        &definition.default_value
    } else {
        value
    };
    definition.check_choice(judged)?;
    if definition.asks_anything() || matches!(definition.kind.as_str(), BOOL | LIST) {
        definition.check_rule(judged)?;
    }
    previous.map_or(Ok(()), |previous| {
        definition.check_monotonic(judged, previous)
    })
}

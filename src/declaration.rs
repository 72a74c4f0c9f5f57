//! Declarations: what a database of our own is to hold, written down in a TOML file.
//!
//! Pure: takes text, gives types, and works out what has to change; reads no file, no database and
//! no clock. A [`Declaration`] that exists has passed every check, so no name, number or reference in
//! it is checked again. What a database holds and the file doesn't mention is left alone, unless it is
//! to be pruned.
//!
//! # The format
//!
//! `examples/every-key.toml` has every key with its meaning.
//!
//! Required are the names, `organization` of a template, and `cron` and `instances` of a schedule.
//! Names of organizations, users and templates consist of 1 to 32 letters and digits with single
//! hyphens between them and don't differ by case alone; those of parameters and presets are any
//! text of 1 to 64 characters. A `ttl` is a duration, or a whole number of seconds. A cron
//! expression has five fields and is a span of time, not an instant, so its minute is `*`; the
//! schedules of a preset don't overlap, and outside them `instances` holds. Every preset with
//! `instances` sets every required parameter.

mod changes;
mod check;
mod content;
mod differences;
mod export;
mod file;
mod form;
mod mistakes;
mod parameters;
mod presets;
mod prune;
mod schedules;
mod state;
mod texts;

use std::collections::BTreeMap;

use crate::actions::lint;
use crate::model::text::{parameter_variable, quoted};

pub(crate) use changes::{Change, Edit, changes, taken_email};
pub(crate) use content::{PresetContent, TemplateContent};
pub(crate) use export::export;
pub(crate) use mistakes::{DeclarationError, Mistakes};
pub(crate) use prune::prune;
pub(crate) use state::{
    Declaration, Stored, StoredTemplate, TemplateMetadata, TemplateReference, User,
};

/// Reads a declaration. The error holds every mistake that could be found: all of them when the
/// text is TOML of the right form, else all that keep it from being so, or the first that keeps it
/// from being TOML. Organizations that exist already, `known`, needn't be declared; none: it isn't known
/// yet which exist.
pub(crate) fn parse_for(
    text: &str,
    known: Option<&[String]>,
) -> Result<Declaration, DeclarationError> {
    let mut mistakes = Mistakes::new(text);
    let declaration = form::read(text, &mut mistakes)
        .map(|file| check::declaration(file, known, &mut mistakes))
        .unwrap_or_default();
    mistakes.finish(declaration)
}

/// The same for an empty database.
#[cfg(any(test, fuzzing))]
pub(crate) fn parse(text: &str) -> Result<Declaration, DeclarationError> {
    parse_for(text, Some(&[]))
}

/// What is valid in a declaration but hardly meant.
pub(crate) fn warnings(declaration: &Declaration) -> Vec<String> {
    let mut warnings = Vec::new();
    for template in &declaration.templates {
        let shared = shared_variables(&template.content).into_iter();
        warnings.extend(shared.map(|(variable, names)| {
            format!(
                "template {}: the parameters {} would share the variable {variable}, which provision sets for \
                 none of them; the file of parameters has them all",
                template.reference,
                quoted(names)
            )
        }));
        for preset in template.content.presets() {
            let base = i64::from(preset.desired_instances.unwrap_or_default());
            let schedules: Vec<(&str, i64)> = preset
                .schedules
                .iter()
                .map(|(cron, instances)| (cron.as_str(), i64::from(*instances)))
                .collect();
            let name = |n: usize| {
                let (cron, _) = schedules.get(n).copied().unwrap_or_default();
                format!("cron {cron:?}")
            };
            warnings.extend(lint::lints(base, &schedules, name).into_iter().map(|lint| {
                format!(
                    "template {}, preset {:?}: {}",
                    template.reference, preset.name, lint.message
                )
            }));
        }
    }
    warnings
}

/// Variables of a build's command that stand for several parameters.
fn shared_variables(content: &TemplateContent) -> BTreeMap<String, Vec<&str>> {
    let mut variables: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for parameter in content.parameters() {
        let variable = parameter_variable(&parameter.name);
        variables.entry(variable).or_default().push(&parameter.name);
    }
    variables.retain(|_, names| names.len() > 1);
    variables
}

#[cfg(test)]
mod tests;

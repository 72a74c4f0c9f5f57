//! The values and tags of one build, in whichever flow its template takes.
//!
//! Invariant: what is written, shown beforehand and compared with earlier builds is worked out here,
//! so that it is the same.

use std::collections::BTreeMap;

use super::{Flow, Unbuildable, Version, parameters, tags};
use crate::template::{
    self, Build, Definition, Diagnostic, Refusal, Request, Resolved, Source, Values,
};

/// Why there are no values and tags.
#[derive(Debug)]
pub(super) enum Refused {
    /// By the rows of the version; with the parameters, as far as they could be worked out.
    Plainly(Unbuildable, Vec<Resolved>),
    /// By the template's source, which can't be read.
    Unread(Vec<Diagnostic>),
    /// While the template was rendered.
    Rendering(Refusal),
}

impl From<Unbuildable> for Refused {
    fn from(problem: Unbuildable) -> Self {
        Self::Plainly(problem, Vec::new())
    }
}

impl From<Refused> for Unbuildable {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Plainly(problem, _) => problem,
            Refused::Unread(problems) => {
                let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
                Self::Unknown(problems.join("; "))
            }
            Refused::Rendering(refusal) if refusal.is_certain() => {
                Self::Invalid(refusal.to_string())
            }
            Refused::Rendering(refusal) => Self::Unknown(refusal.to_string()),
        }
    }
}

/// The values of a build and the tags that the template lays over those of its import.
pub(super) fn resolve(version: &Version, request: &Request<'_>) -> Result<Build, Refused> {
    match &version.flow {
        Flow::Classic => resolve_classic(version, request),
        Flow::Static => {
            let definitions: Vec<_> = version.parameters.iter().map(Definition::held).collect();
            template::resolve_definitions(&definitions, request).map_err(Refused::Rendering)
        }
        Flow::Dynamic(template) => template.resolve(request).map_err(Refused::Rendering),
        Flow::Unrendered(problems) => Err(Refused::Unread(problems.clone())),
    }
}

fn resolve_classic(version: &Version, request: &Request<'_>) -> Result<Build, Refused> {
    let last_build = (!request.is_first).then_some(request.last_build);
    let definitions = &version.parameters;
    let (preset, given) = (request.preset, request.given);
    let values = parameters::resolve(definitions, preset, given, last_build);
    let values = values.map_err(Unbuildable::from)?;
    let parameters = resolved(definitions, &values, request);
    let (tags, variables) = (&version.workspace_tags, version.variables.as_deref());
    match tags::evaluate_all(tags, variables, &values) {
        Ok(tags) => Ok(Build {
            parameters,
            tags,
            warnings: Vec::new(),
        }),
        Err(problem) => Err(Refused::Plainly(problem.into(), parameters)),
    }
}

/// The values with what they are of and where they come from.
fn resolved(
    definitions: &[Definition],
    values: &BTreeMap<String, String>,
    request: &Request<'_>,
) -> Vec<Resolved> {
    let source = |definition: &Definition| {
        let has = |values: &Values| values.contains_key(&definition.name);
        if has(request.preset) {
            Source::Preset
        } else if has(request.given) {
            Source::Given
        } else if has(request.last_build) && !definition.ephemeral {
            Source::LastBuild
        } else {
            Source::Default
        }
    };
    let resolved = |definition: &Definition| {
        Some(Resolved {
            definition: definition.clone(),
            value: Some(values.get(&definition.name)?.clone()),
            source: source(definition),
        })
    };
    definitions.iter().filter_map(resolved).collect()
}

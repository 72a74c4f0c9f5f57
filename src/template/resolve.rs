//! Which values and tags a build gets in the dynamic flow, or why there is no build.
//!
//! Invariant: the preset wins over what a person gives, that over the last build, and that over the
//! template's defaults; what no parameter asks for is dropped.

use std::collections::BTreeMap;
use std::fmt;

use unicode_normalization::UnicodeNormalization as _;

use super::diagnostic::{Diagnostic, Reason};
use super::rendered::Rendered;
use super::rules::{Definition, Misfit};
use super::secrets::Secrets;
use super::{Owner, Parameter, Template};

/// Values by the names of parameters.
pub(crate) type Values = BTreeMap<String, String>;

/// What a build is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// For whom: the workspace's owner when the build is made.
    pub owner: &'a Owner,
    /// Whether it is the first build of its workspace.
    pub is_first: bool,
    /// The values of the last build.
    pub last_build: &'a Values,
    /// The values that a person gives.
    pub given: &'a Values,
    /// The values of the preset.
    pub preset: &'a Values,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Source {
    /// The preset.
    Preset,
    /// A person.
    Given,
    /// The last build of the workspace.
    LastBuild,
    /// The template.
    Default,
}

/// What a build gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Build {
    /// The parameters to write, by name; each has a value.
    pub parameters: Vec<Resolved>,
    /// The tags that the template lays over those of the version's import job.
    pub tags: BTreeMap<String, String>,
    /// What people may want to know.
    pub warnings: Vec<Diagnostic>,
}

impl Build {
    /// The values to write.
    pub(crate) fn values(&self) -> Values {
        texts(&self.parameters)
    }
}

/// A parameter of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// What it is.
    pub definition: Definition,
    /// Its value; none where it is missing or not known.
    pub value: Option<String>,
    /// Where the value comes from.
    pub source: Source,
}

/// At which step a build is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// While its parameters are resolved.
    Parameters,
    /// While its tags are.
    Tags,
}

/// Why there is no build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// At which step.
    pub stage: Stage,
    /// What is wrong; at least one.
    pub problems: Vec<Problem>,
    /// The parameters, by name, as far as they could be worked out.
    pub parameters: Vec<Resolved>,
}

/// One thing that is wrong with a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The parameter, if it is about one.
    pub parameter: Option<String>,
    /// What is wrong and where.
    pub diagnostic: Diagnostic,
}

impl Refusal {
    /// Whether coderd would certainly refuse the build as well, and it isn't only this renderer that
    /// can't tell.
    pub(crate) fn is_certain(&self) -> bool {
        self.problems
            .iter()
            .all(|it| it.diagnostic.reason != Reason::Unsupported)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let separator = if index > 0 { "; " } else { "" };
            write!(f, "{separator}{}", problem.diagnostic)?;
        }
        Ok(())
    }
}

impl std::error::Error for Refusal {}

impl Problem {
    fn of(secrets: &Secrets, parameter: &Parameter, misfit: &Misfit) -> Self {
        let name = parameter.definition.name.clone();
        let mut message = format!("the parameter {name:?}: {}", misfit.message);
        secrets.hide_in(&mut message);
        let diagnostic = Diagnostic::error(misfit.reason, message, parameter.place.clone());
        Self {
            parameter: Some(name),
            diagnostic,
        }
    }
}

impl Template {
    /// Works out which values and tags a build gets, as coderd 2.36.0 does. A delete build asks for
    /// nothing and has a last build.
    ///
    /// # Errors
    ///
    /// Why coderd would make no such build, or why only coderd can tell.
    pub(crate) fn resolve(&self, request: &Request<'_>) -> Result<Build, Refusal> {
        let render = |values: &Values| self.render(request.owner, values);
        resolve_with(&render, &self.secrets, request)
    }
}

/// The same where nothing is left to render: the parameters are the stored ones, whatever their
/// values, and there are no tags. A required one without a value counts as the empty text.
///
/// # Errors
///
/// Why coderd would make no such build.
pub(crate) fn resolve_definitions(
    definitions: &[Definition],
    request: &Request<'_>,
) -> Result<Build, Refusal> {
    let parameter = |definition: &Definition, values: &Values| {
        let given = values.get(&definition.name);
        let value = given.unwrap_or(&definition.default_value).clone();
        let problems = definition.check(Some(&value)).err();
        Parameter {
            definition: definition.clone(),
            value: Some(value),
            is_known: true,
            has_fixed_default: true,
            problems: problems.into_iter().collect(),
            place: None,
        }
    };
    let render = |values: &Values| Rendered {
        parameters: definitions.iter().map(|it| parameter(it, values)).collect(),
        tags: Ok(BTreeMap::new()),
        diagnostics: Vec::new(),
    };
    resolve_with(&render, &Secrets::default(), request)
}

fn resolve_with(
    render: &dyn Fn(&Values) -> Rendered,
    secrets: &Secrets,
    request: &Request<'_>,
) -> Result<Build, Refusal> {
    let before = render(request.last_build);
    check_render(&before)?;
    let mut values = merge(request);
    for parameter in before
        .parameters
        .iter()
        .filter(|it| it.definition.ephemeral)
    {
        let name = &parameter.definition.name;
        if matches!(values.get(name), Some((_, Source::LastBuild))) {
            values.remove(name);
        }
    }
    let asked = values
        .iter()
        .map(|(name, (value, _))| (name.clone(), value.clone()));
    let mut rendered = render(&asked.collect());
    check_render(&rendered)?;
    let parameters = resolved(&rendered, &values);
    let problems = rendered
        .parameters
        .iter()
        .flat_map(|it| problems(secrets, it, request));
    let problems: Vec<Problem> = problems.collect();
    if !problems.is_empty() {
        return Err(Refusal {
            stage: Stage::Parameters,
            problems,
            parameters,
        });
    }
    if !is_settled(&rendered, &values) {
        rendered = render(&texts(&parameters));
    }
    let failed: Vec<_> = rendered.errors().cloned().collect();
    match rendered.tags {
        Ok(tags) if failed.is_empty() => {
            let parameters = parameters
                .into_iter()
                .filter(|it| it.value.is_some())
                .collect();
            Ok(Build {
                parameters,
                tags,
                warnings: rendered.diagnostics,
            })
        }
        tags => {
            let problems = plain(failed.into_iter().chain(tags.err().into_iter().flatten()));
            Err(Refusal {
                stage: Stage::Tags,
                problems,
                parameters,
            })
        }
    }
}

/// Values with where they come from.
type Sourced = BTreeMap<String, (String, Source)>;

fn merge(request: &Request<'_>) -> Sourced {
    let sources = [
        (request.last_build, Source::LastBuild),
        (request.given, Source::Given),
        (request.preset, Source::Preset),
    ];
    let values = sources.into_iter().flat_map(|(values, source)| {
        values
            .iter()
            .map(move |(name, value)| (name.clone(), (value.clone(), source)))
    });
    values.collect()
}

/// Whether rendering once more makes no difference. coderd does it for the tags, with the defaults as
/// given values, which are text: a condition on a default that was a boolean may turn out otherwise.
fn is_settled(rendered: &Rendered, values: &Sourced) -> bool {
    let is_given = |parameter: &Parameter| values.contains_key(&parameter.definition.name);
    let given = rendered
        .parameters
        .iter()
        .filter(|parameter| is_given(parameter))
        .count();
    let is_fixed = |parameter: &Parameter| parameter.has_fixed_default || is_given(parameter);
    given == values.len() && rendered.parameters.iter().all(is_fixed)
}

/// The parameters of a render, by name.
fn resolved(rendered: &Rendered, values: &Sourced) -> Vec<Resolved> {
    let resolved = |parameter: &Parameter| {
        let definition = parameter.definition.clone();
        let given = values.get(&definition.name);
        let source = given.map_or(Source::Default, |(_, source)| *source);
        // Templates see texts normalised, and builds hold them as they were given.
        let is_seen_as = |text: &str| {
            let seen = parameter.value.as_ref();
            seen.is_some_and(|seen| text.nfc().eq(seen.chars()))
        };
        let given = given.filter(|(text, _)| is_seen_as(text));
        let given = given.map(|(text, _)| text.clone());
        Resolved {
            definition,
            value: given.or_else(|| parameter.value.clone()),
            source,
        }
    };
    let mut parameters: Vec<_> = rendered.parameters.iter().map(resolved).collect();
    parameters.sort_by(|a, b| a.definition.name.cmp(&b.definition.name));
    parameters
}

fn texts(parameters: &[Resolved]) -> Values {
    let text = |it: &Resolved| Some((it.definition.name.clone(), it.value.clone()?));
    parameters.iter().filter_map(text).collect()
}

fn plain(diagnostics: impl IntoIterator<Item = Diagnostic>) -> Vec<Problem> {
    let problem = |diagnostic| Problem {
        parameter: None,
        diagnostic,
    };
    diagnostics.into_iter().map(problem).collect()
}

fn check_render(rendered: &Rendered) -> Result<(), Refusal> {
    let problems = plain(rendered.errors().cloned());
    if problems.is_empty() {
        return Ok(());
    }
    Err(Refusal {
        stage: Stage::Parameters,
        problems,
        parameters: Vec::new(),
    })
}

/// What is wrong with a parameter's value in this build.
fn problems(secrets: &Secrets, parameter: &Parameter, request: &Request<'_>) -> Vec<Problem> {
    let definition = &parameter.definition;
    let mut misfits = Vec::new();
    if !request.is_first
        && let Some(previous) = request.last_build.get(&definition.name)
    {
        if !definition.mutable && parameter.value.as_ref() != Some(previous) {
            let message = "it is immutable and would change";
            misfits.push(Misfit::new(Reason::Immutable, message));
        }
        if let Some(value) = &parameter.value
            && let Err(misfit) = definition.check_monotonic(value, previous)
        {
            misfits.push(misfit);
        }
    }
    let misfits = misfits.iter().chain(&parameter.problems);
    misfits
        .map(|misfit| Problem::of(secrets, parameter, misfit))
        .collect()
}

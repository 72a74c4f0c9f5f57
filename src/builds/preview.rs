//! What a build would get, for people to see before it is made.
//!
//! Invariant: a preview is worked out as the build itself, and shows no value of a sensitive
//! variable or of a parameter that forms hide.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use uuid::Uuid;

use super::resolution::{Refused, resolve};
use super::{Flow, Unbuildable, Version, check_start, first_start, normalised_tags, untagged};
use crate::model::rendering::{
    BuildFlow, RenderedOwner, RenderedParameter, Rendering, TemplateDiagnostic, ValueSource,
};
use crate::model::{FormatVersion, JobStatus, Severity};
use crate::template::{
    self, Diagnostic, HIDDEN, Owner, Request, Resolved, Secrets, Source, Template, Values,
};

/// What a start build of the version would get, or why there would be none. The request's preset is
/// the one with the id.
pub(crate) fn preview(
    version: &Version,
    preset_id: Option<Uuid>,
    request: &Request<'_>,
) -> Rendering {
    let checked = check_start(version, preset_id).map_err(Refused::from);
    let (parameters, tags, problems, warnings) =
        match checked.and_then(|()| resolve(version, request)) {
            Ok(build) => {
                let tags = tags(version, request.owner, build.tags);
                (build.parameters, tags, Vec::new(), build.warnings)
            }
            Err(refused) => {
                let (parameters, problems) = explained(refused);
                (parameters, BTreeMap::new(), problems, Vec::new())
            }
        };
    let masked = parameters.iter().filter(|it| it.definition.masked);
    let secrets = secrets(version).with(masked.filter_map(|it| it.value.clone()));
    let parameters = parameters.into_iter().map(|it| parameter(it, &secrets));
    let tags = tags
        .into_iter()
        .map(|(key, value)| (secrets.hide_value(key), secrets.hide_value(value)));
    let refused = problems.iter().map(sentence).collect();
    let warnings = warnings.iter().map(described);
    Rendering {
        version: FormatVersion,
        template: None,
        preset: None,
        owner: request.owner.into(),
        flow: flow(version),
        parameters: parameters.collect(),
        tags: tags.collect(),
        refused,
        diagnostics: problems.into_iter().chain(warnings).collect(),
    }
}

/// The first build of a prebuilt workspace.
pub(crate) fn preview_first(version: &Version, preset_id: Uuid) -> Rendering {
    let none = Values::new();
    let request = Request {
        owner: &version.prebuilds_user,
        is_first: true,
        last_build: &none,
        given: &none,
        preset: version.presets.get(&preset_id).unwrap_or(&none),
    };
    preview(version, Some(preset_id), &request)
}

/// The build that hands a prebuilt workspace to its owner, without values of theirs.
pub(crate) fn preview_claim(version: &Version, preset_id: Uuid, owner: &Owner) -> Rendering {
    let none = Values::new();
    let first = first_start(version, preset_id).map(|build| build.parameters);
    let request = Request {
        owner,
        is_first: false,
        last_build: first.as_ref().unwrap_or(&none),
        given: &none,
        preset: version.presets.get(&preset_id).unwrap_or(&none),
    };
    preview(version, Some(preset_id), &request)
}

/// The texts of the version that are not to be shown.
pub(super) fn secrets(version: &Version) -> Secrets {
    match &version.flow {
        Flow::Dynamic(template) => template.secrets().clone(),
        Flow::Classic | Flow::Static | Flow::Unrendered(_) => {
            Secrets::of_variables(version.variables.as_deref().unwrap_or_default())
        }
    }
}

fn flow(version: &Version) -> BuildFlow {
    match version.flow {
        Flow::Classic => BuildFlow::Classic,
        Flow::Static => BuildFlow::Static,
        Flow::Dynamic(_) | Flow::Unrendered(_) => BuildFlow::Dynamic,
    }
}

/// The tags of a job, without those that every job has.
fn tags(
    version: &Version,
    owner: &Owner,
    rendered: BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let mut tags = normalised_tags(&version.tags, &owner.id);
    tags.extend(rendered);
    let usual = untagged();
    tags.retain(|key, value| usual.get(key) != Some(value));
    tags
}

fn parameter(resolved: Resolved, secrets: &Secrets) -> RenderedParameter {
    let definition = resolved.definition;
    RenderedParameter {
        name: secrets.hide_value(definition.name),
        value: resolved.value.map(|value| match definition.masked {
            true => HIDDEN.to_owned(),
            false => secrets.hide_value(value),
        }),
        source: match resolved.source {
            Source::Preset => ValueSource::Preset,
            Source::Given => ValueSource::Given,
            Source::LastBuild => ValueSource::LastBuild,
            Source::Default => ValueSource::Default,
        },
        kind: definition.kind,
        mutable: definition.mutable,
        ephemeral: definition.ephemeral,
    }
}

impl Version {
    /// A version of this source alone, as if it had been imported without tags.
    pub(crate) fn of_source(template: Result<Template, Vec<Diagnostic>>) -> Self {
        Self {
            id: Uuid::nil(),
            name: String::new(),
            organization_id: Uuid::nil(),
            provisioner: String::new(),
            flow: match template {
                Ok(template) => Flow::Dynamic(Arc::new(template)),
                Err(problems) => Flow::Unrendered(problems),
            },
            prebuilds_user: Owner::default(),
            import_status: JobStatus::Succeeded,
            storage_method: String::new(),
            external_auth_providers: "[]".to_owned(),
            file_id: Uuid::nil(),
            tags: BTreeMap::new(),
            parameters: Vec::new(),
            has_legacy_parameters: false,
            presets: BTreeMap::new(),
            ambiguous_presets: BTreeSet::new(),
            workspace_tags: BTreeMap::new(),
            variables: None,
            unreadable: None,
        }
    }
}

impl From<&Owner> for RenderedOwner {
    fn from(owner: &Owner) -> Self {
        let owner = owner.clone();
        Self {
            id: owner.id,
            name: owner.name,
            full_name: owner.full_name,
            email: owner.email,
            login_type: owner.login_type,
            groups: owner.groups,
        }
    }
}

impl From<RenderedOwner> for Owner {
    fn from(owner: RenderedOwner) -> Self {
        Self {
            id: owner.id,
            name: owner.name,
            full_name: owner.full_name,
            email: owner.email,
            login_type: owner.login_type,
            groups: owner.groups,
            ..Self::default()
        }
    }
}

/// The parameters as far as they are known, and what is wrong.
fn explained(refused: Refused) -> (Vec<Resolved>, Vec<TemplateDiagnostic>) {
    match refused {
        Refused::Plainly(problem, parameters) => {
            let diagnostic = TemplateDiagnostic {
                severity: Severity::Error,
                code: code(&problem).to_owned(),
                message: problem.to_string(),
                file: None,
                line: None,
            };
            (parameters, vec![diagnostic])
        }
        Refused::Unread(problems) => (Vec::new(), problems.iter().map(described).collect()),
        Refused::Rendering(refusal) => {
            let problems = refusal.problems.iter();
            let problems = problems.map(|it| described(&it.diagnostic)).collect();
            (refusal.parameters, problems)
        }
    }
}

fn code(problem: &Unbuildable) -> &'static str {
    match problem {
        Unbuildable::TryLater(_) => "not_imported",
        Unbuildable::Invalid(_) => "invalid",
        Unbuildable::Unknown(_) => "unsupported",
    }
}

fn described(diagnostic: &Diagnostic) -> TemplateDiagnostic {
    let place = diagnostic.place.as_ref();
    TemplateDiagnostic {
        severity: match diagnostic.severity {
            template::Severity::Warning => Severity::Warning,
            template::Severity::Error => Severity::Error,
        },
        code: diagnostic.reason.as_str().to_owned(),
        message: diagnostic.message.clone(),
        file: place.map(|place| place.file.clone()),
        line: place.and_then(|place| place.line),
    }
}

/// The message with its place.
fn sentence(diagnostic: &TemplateDiagnostic) -> String {
    let message = &diagnostic.message;
    match (&diagnostic.file, diagnostic.line) {
        (None, _) => message.clone(),
        (Some(file), None) => format!("{message} ({file})"),
        (Some(file), Some(line)) => format!("{message} ({file}:{line})"),
    }
}

//! What a new build holds: template version, parameters, preset, tags and the job's input.
//!
//! Pure: everything comes from rows read before, and the rows are written elsewhere. It follows
//! Coder's workspace builder: the same checks in the same order, the same precedence of parameter
//! values, the same tags. What can't be worked out is refused with the reason, never guessed; and
//! only what the builder itself would certainly refuse counts as a failed validation.

pub(crate) mod continuation;
pub(crate) mod deletion;
pub(crate) mod forecast;
mod parameters;
pub(crate) mod preview;
#[cfg(test)]
mod properties;
pub(crate) mod provisioners;
mod resolution;
pub(crate) mod stored;
mod tags;
#[cfg(test)]
mod tests;
pub(crate) mod threads;
pub(crate) mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use thiserror::Error;
use uuid::Uuid;

use crate::model::{JobStatus, Transition};
use crate::template::{Definition, Diagnostic, Owner, Request, Template, Values, Variable};
use parameters::Problem;
pub(crate) use provisioners::{serves, takes};
use resolution::resolve;

/// A template version, as far as builds on it need to know it.
#[derive(Clone, Debug)]
pub(crate) struct Version {
    pub id: Uuid,
    pub name: String,
    pub organization_id: Uuid,
    /// Provisioner type of the template: `terraform` or `echo`.
    pub provisioner: String,
    pub flow: Flow,
    /// The prebuilds user, as the template sees it in this organization.
    pub prebuilds_user: Owner,
    /// Status of the job that imported the version.
    pub import_status: JobStatus,
    /// Where that job's file is stored.
    pub storage_method: String,
    /// The template's source.
    pub file_id: Uuid,
    /// JSON: at which external authentications a person who gets a workspace must be logged in.
    pub external_auth_providers: String,
    /// Of the import job.
    pub tags: BTreeMap<String, String>,
    pub parameters: Vec<Definition>,
    /// Whether it has parameters of the kind that went before these, on which no build starts.
    pub has_legacy_parameters: bool,
    /// Presets of the version with their parameter values.
    pub presets: BTreeMap<Uuid, BTreeMap<String, String>>,
    /// The presets that are not among those because they give one parameter two values, so that
    /// nothing matches them.
    pub ambiguous_presets: BTreeSet<Uuid>,
    /// Expressions of workspace tags by tag.
    pub workspace_tags: BTreeMap<String, String>,
    /// Template variables; none where the database doesn't hold them.
    pub variables: Option<Vec<Variable>>,
    /// What of its rows can't be read, so that nothing is known for certain about builds on it.
    pub unreadable: Option<String>,
}

/// How the values and tags of a build are worked out. The template says at the time of the build, for
/// all of its versions, whether it is classic; the version says which of the others it is.
#[derive(Clone, Debug, Default)]
pub(crate) enum Flow {
    /// From the rows of the version, its workspace tags among them.
    Classic,
    /// From the rows of the version, without tags of its own: it was imported by a daemon that sent
    /// nothing to render.
    #[default]
    Static,
    /// By rendering the template's source.
    Dynamic(Arc<Template>),
    /// The same, and why that can't be done here.
    Unrendered(Vec<Diagnostic>),
}

impl Flow {
    /// Whether builds are rendered, be it here or by coderd alone.
    pub(crate) fn is_rendered(&self) -> bool {
        matches!(self, Self::Dynamic(_) | Self::Unrendered(_))
    }

    /// Whether a delete build that can't be worked out takes the tags of the last build over.
    pub(crate) fn may_take_tags_over(&self) -> bool {
        !matches!(self, Self::Classic)
    }
}

/// Why a build is made: what the job's input says to the provisioner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Building, or removing, an unclaimed prebuilt workspace.
    Create,
    /// Handing one to a person.
    Claim,
}

impl Stage {
    /// The number in the job's input.
    fn number(self) -> u8 {
        match self {
            Self::Create => 1,
            Self::Claim => 2,
        }
    }

    /// The stage with that number in a job's input; none for builds that no pool asked for.
    pub(crate) fn of(number: Option<i64>) -> Option<Self> {
        [Self::Create, Self::Claim]
            .into_iter()
            .find(|stage| Some(i64::from(stage.number())) == number)
    }
}

/// Why a build is made, in the words of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BuildReason {
    /// Somebody, or a pool, asked for it.
    Initiator,
    /// The workspace's schedule came round.
    Autostart,
    /// The workspace had run for its time.
    Autostop,
}

/// The part of a build that follows from its version and parameters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct BuildContent {
    pub template_version_id: Uuid,
    pub preset_id: Option<Uuid>,
    /// Final values of all parameters.
    #[serde(skip)]
    pub parameters: BTreeMap<String, String>,
    /// Tags that a provisioner must serve.
    pub tags: BTreeMap<String, String>,
    pub organization_id: Uuid,
    /// Provisioner type of the job.
    pub provisioner: String,
    /// Where the template's source is stored.
    pub storage_method: String,
    /// The template's source.
    pub file_id: Uuid,
}

/// A build to be written, with its job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct NewBuild {
    pub workspace_id: Uuid,
    pub id: Uuid,
    pub job_id: Uuid,
    /// Number of the build: one more than the workspace's last.
    pub build_number: i64,
    pub transition: Transition,
    /// What it means to a pool; none for the builds of a person's workspace after its claim.
    #[serde(skip)]
    pub stage: Option<Stage>,
    /// Whose workspace it must still be.
    pub owner_id: Uuid,
    /// Who asked for it.
    pub initiator_id: Uuid,
    pub reason: BuildReason,
    /// Whether the previous build's provisioner state is carried over.
    pub keep_state: bool,
    /// What the build holds.
    #[serde(flatten)]
    pub content: BuildContent,
}

impl NewBuild {
    /// The job's input: the keys that Coder's provisioner server reads.
    pub(crate) fn input(&self) -> serde_json::Value {
        json!({
            "workspace_build_id": self.id,
            "dry_run": false,
            "prebuilt_workspace_stage": self.stage.map_or(0, Stage::number),
        })
    }

    /// The payload that tells provisioners of the job: a wake-up, which the job's own rows back up.
    pub(crate) fn posting(&self) -> String {
        json!({
            "organization_id": self.content.organization_id,
            "type": self.content.provisioner,
            "tags": self.content.tags,
        })
        .to_string()
    }
}

/// Why a build can't be made.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum Unbuildable {
    /// It may work later by itself.
    #[error("{0}")]
    TryLater(String),
    /// It can't work until the template or the preset is fixed.
    #[error("{0}")]
    Invalid(String),
    /// Only coderd could tell.
    #[error("{0}")]
    Unknown(String),
}

impl Unbuildable {
    /// Whether the preset is to be marked as one that fails validation. Only certain and lasting
    /// reasons count: the mark stays until the preset is replaced.
    pub(crate) fn is_validation_failure(&self) -> bool {
        matches!(self, Self::Invalid(_))
    }
}

impl From<Problem> for Unbuildable {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Invalid(text) => Self::Invalid(text),
            Problem::Unknown(text) => Self::Unknown(text),
        }
    }
}

/// The first build of a prebuilt workspace: the preset's values over the template's defaults.
///
/// # Errors
/// No such build can be made, or it can't be known what it holds.
pub(crate) fn first_start(version: &Version, preset_id: Uuid) -> Result<BuildContent, Unbuildable> {
    first_start_for(version, preset_id, &version.prebuilds_user)
}

/// The same for a workspace that is somebody else's from the beginning.
///
/// # Errors
/// No such build can be made, or it can't be known what it holds.
pub(crate) fn first_start_for(
    version: &Version,
    preset_id: Uuid,
    owner: &Owner,
) -> Result<BuildContent, Unbuildable> {
    start(version, preset_id, &Values::new(), None, owner)
}

/// The build that hands a prebuilt workspace over: the preset's values over those of the request,
/// over those of the workspace, which keep what is immutable.
///
/// # Errors
/// No such build can be made, or it can't be known what it holds.
pub(crate) fn claim(
    version: &Version,
    preset_id: Uuid,
    given: &Values,
    last: &Values,
    owner: &Owner,
) -> Result<BuildContent, Unbuildable> {
    start(version, preset_id, given, Some(last), owner)
}

fn start(
    version: &Version,
    preset_id: Uuid,
    given: &Values,
    last: Option<&Values>,
    owner: &Owner,
) -> Result<BuildContent, Unbuildable> {
    check_start(version, Some(preset_id))?;
    let none = Values::new();
    let request = Request {
        owner,
        is_first: last.is_none(),
        last_build: last.unwrap_or(&none),
        given,
        preset: version.presets.get(&preset_id).unwrap_or(&none),
    };
    let build = resolve(version, &request)?;
    let values = build.values();
    Ok(content(version, Some(preset_id), values, build.tags, owner))
}

/// What of a version or a preset lets no start build be made.
fn check_start(version: &Version, preset_id: Option<Uuid>) -> Result<(), Unbuildable> {
    check_version(version)?;
    if version.has_legacy_parameters {
        return Err(Unbuildable::Invalid(format!(
            "template version {:?} has legacy parameters; push a version with coder_parameter data \
             sources",
            version.name
        )));
    }
    if preset_id.is_some_and(|id| version.ambiguous_presets.contains(&id)) {
        return Err(Unbuildable::Unknown(
            "the preset gives one parameter two values, and which of them coderd takes is open"
                .to_owned(),
        ));
    }
    Ok(())
}

/// The preset whose parameters are all among the given ones with the same values: the largest one,
/// ties broken by id. One without parameters matches anything.
pub(crate) fn matching_preset(
    presets: &BTreeMap<Uuid, BTreeMap<String, String>>,
    given: &BTreeMap<String, String>,
) -> Option<Uuid> {
    let contained = |values: &BTreeMap<String, String>| {
        values
            .iter()
            .all(|(name, value)| given.get(name) == Some(value))
    };
    presets
        .iter()
        .rev()
        .filter(|(_, values)| contained(values))
        .max_by_key(|(_, values)| values.len())
        .map(|(id, _)| *id)
}

fn content(
    version: &Version,
    preset_id: Option<Uuid>,
    parameters: Values,
    tags: BTreeMap<String, String>,
    owner: &Owner,
) -> BuildContent {
    let mut all = normalised_tags(&version.tags, &owner.id);
    all.extend(tags);
    BuildContent {
        template_version_id: version.id,
        preset_id,
        parameters,
        tags: all,
        organization_id: version.organization_id,
        provisioner: version.provisioner.clone(),
        storage_method: version.storage_method.clone(),
        file_id: version.file_id,
    }
}

/// A version can be built once it has been imported, if all of it is understood.
fn check_version(version: &Version) -> Result<(), Unbuildable> {
    let name = &version.name;
    if let Some(problem) = &version.unreadable {
        return Err(Unbuildable::Unknown(format!(
            "template version {name:?} has a row that is not understood: {problem}"
        )));
    }
    match version.import_status {
        JobStatus::Succeeded => Ok(()),
        JobStatus::Pending | JobStatus::Running => Err(Unbuildable::TryLater(format!(
            "template version {name:?} is still being imported"
        ))),
        JobStatus::Failed | JobStatus::Canceled => Err(Unbuildable::Invalid(format!(
            "the import of template version {name:?} did not succeed; push a version that imports"
        ))),
        // On its way to one of those, or beyond what is known.
        JobStatus::Canceling | JobStatus::Unknown => Err(Unbuildable::TryLater(format!(
            "the import of template version {name:?} has not ended yet"
        ))),
    }
}

/// The tags of an import job as a build's job carries them: those without a value are left out, `owner`
/// is always there, and names the workspace's owner in user scope.
fn normalised_tags(tags: &BTreeMap<String, String>, owner_id: &str) -> BTreeMap<String, String> {
    let mut tags = tags.clone();
    tags.retain(|_, value| !value.is_empty());
    if tags.get("scope").is_some_and(|scope| scope == "user") {
        tags.insert("owner".to_owned(), owner_id.to_owned());
    } else {
        tags.insert("scope".to_owned(), "organization".to_owned());
        tags.insert("owner".to_owned(), String::new());
    }
    tags
}

/// The tags of a provisioner that serves the organization at large.
pub(crate) fn untagged() -> BTreeMap<String, String> {
    [("scope", "organization"), ("owner", "")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .into()
}

/// For fuzzers: evaluates the expression of a workspace tag.
#[cfg(any(test, fuzzing))]
pub(crate) fn parse_expression(text: &str) {
    let expressions = BTreeMap::from([("tag".to_owned(), text.to_owned())]);
    let value = ("region".to_owned(), "eu".to_owned());
    let _evaluated = tags::evaluate_all(&expressions, Some(&[]), &Values::from([value]));
}

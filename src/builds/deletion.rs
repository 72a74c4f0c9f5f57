//! Delete builds: what they hold, and when they take it over from the last build as it is.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::resolution::resolve;
use super::{BuildContent, Flow, Unbuildable, Version, check_version, content, matching_preset};
use crate::model::Diagnostic;
use crate::model::text::plural;
use crate::template::{Request, Values};

/// A delete build, and why it takes values and tags over from the last build as they are, if it does.
#[derive(Clone, Debug)]
pub(crate) struct DeleteBuild {
    pub content: BuildContent,
    pub carried_over: Option<Unbuildable>,
}

/// What a workspace's last build holds, as far as a delete build follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Last<'a> {
    pub version_id: Uuid,
    pub values: &'a Values,
    /// Of its job. They matter where they may be taken over, and may be left out elsewhere.
    pub tags: &'a BTreeMap<String, String>,
    /// Whether Coder has encrypted any of the values.
    pub encrypted: bool,
}

/// The same, kept.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    pub version_id: Uuid,
    pub values: Values,
    pub tags: BTreeMap<String, String>,
    pub encrypted: bool,
}

impl Held {
    pub(crate) fn content(&self) -> Last<'_> {
        Last {
            version_id: self.version_id,
            values: &self.values,
            tags: &self.tags,
            encrypted: self.encrypted,
        }
    }
}

/// Delete builds that are worked out already.
#[derive(Debug, Default)]
pub(crate) struct KnownDeletes(Vec<(Held, Result<DeleteBuild, Unbuildable>)>);

impl KnownDeletes {
    /// What was worked out, each following from another last build.
    pub(crate) fn new(mut builds: Vec<(Held, Result<DeleteBuild, Unbuildable>)>) -> Self {
        builds.sort_by(|(one, _), (other, _)| one.cmp(other));
        Self(builds)
    }

    fn get(&self, last: Last<'_>) -> Option<&Result<DeleteBuild, Unbuildable>> {
        let place = self
            .0
            .binary_search_by(|(held, _)| held.content().cmp(&last));
        Some(&self.0.get(place.ok()?)?.1)
    }
}

/// Which build a workspace's last one is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LastId {
    pub workspace_id: Uuid,
    pub build_id: Uuid,
    pub version_id: Uuid,
}

impl Last<'_> {
    /// That its values can be handed on.
    ///
    /// # Errors
    /// They are encrypted: written without their key they would be lost.
    pub(crate) fn check_values(&self) -> Result<(), Unbuildable> {
        if self.encrypted {
            return Err(Unbuildable::Unknown(
                "the workspace's parameter values are encrypted by Coder, and only coderd, which has \
                 the keys, can hand them on"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

/// Works out delete builds. The builds of workspaces with the same version, values and tags are the
/// same, and worked out once.
pub(crate) struct Deletes<'a> {
    versions: &'a BTreeMap<Uuid, Version>,
    foreseen: Option<&'a KnownDeletes>,
    known: BTreeMap<Last<'a>, Result<DeleteBuild, Unbuildable>>,
}

impl<'a> Deletes<'a> {
    /// On these versions.
    pub(crate) fn on(versions: &'a BTreeMap<Uuid, Version>) -> Self {
        Self {
            versions,
            foreseen: None,
            known: BTreeMap::new(),
        }
    }

    /// The same, where some were foreseen.
    pub(crate) fn with(self, foreseen: &'a KnownDeletes) -> Self {
        Self {
            foreseen: Some(foreseen),
            ..self
        }
    }

    /// The delete build that follows a last build.
    ///
    /// # Errors
    /// The version can't be built on, or a classic template refuses its own values.
    pub(crate) fn build(&mut self, last: Last<'a>) -> Result<DeleteBuild, Unbuildable> {
        let versions = self.versions;
        let work_out = || {
            last.check_values()?;
            delete(
                buildable(versions, last.version_id)?,
                last.values,
                last.tags,
            )
        };
        static NONE: BTreeMap<String, String> = BTreeMap::new();
        let key = match versions.get(&last.version_id) {
            Some(version) if !version.flow.may_take_tags_over() => Last {
                tags: &NONE,
                ..last
            },
            _ => last,
        };
        if let Some(build) = self.foreseen.and_then(|it| it.get(key)) {
            return build.clone();
        }
        self.known.entry(key).or_insert_with(work_out).clone()
    }
}

/// A warning for each reason for which delete builds take values and tags over.
pub(crate) fn not_rendered(
    carried_over: impl IntoIterator<Item = Unbuildable>,
) -> impl Iterator<Item = Diagnostic> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    for problem in carried_over {
        *reasons.entry(problem.to_string()).or_default() += 1;
    }
    reasons.into_iter().map(|(problem, count)| Diagnostic::warning("delete_not_rendered", format!(
            "the template gives no delete build for {}, so that the last build's values and tags \
             are taken: {problem}",
            plural(count, "workspace")
        )))
}

/// A version that can be built on.
///
/// # Errors
/// It has no template or no import job.
pub(crate) fn buildable(
    versions: &BTreeMap<Uuid, Version>,
    id: Uuid,
) -> Result<&Version, Unbuildable> {
    versions.get(&id).ok_or_else(|| {
        Unbuildable::Unknown(format!(
            "template version {id} has no template or no import job to build from"
        ))
    })
}

/// A delete build: the last build's version and values. It names a preset when one matches.
///
/// A template with dynamic parameters is rendered as coderd does it. Where that gives no build, the
/// values and tags of the last build are taken, which coderd made by the same rules: a workspace
/// must not stay for want of a function here or of a value that a new rule asks for.
///
/// # Errors
/// The version can't be built on, or a classic template refuses its own values.
pub(super) fn delete(
    version: &Version,
    last: &Values,
    last_tags: &BTreeMap<String, String>,
) -> Result<DeleteBuild, Unbuildable> {
    check_version(version)?;
    let none = Values::new();
    let owner = &version.prebuilds_user;
    let build = |parameters: Values, tags| {
        let preset_id = matching_preset(&version.presets, &parameters);
        content(version, preset_id, parameters, tags, owner)
    };
    let request = Request {
        owner,
        is_first: false,
        last_build: last,
        given: &none,
        preset: &none,
    };
    match resolve(version, &request) {
        Ok(rendered) => Ok(DeleteBuild {
            content: build(rendered.values(), rendered.tags),
            carried_over: None,
        }),
        Err(refused) if matches!(version.flow, Flow::Classic) => Err(refused.into()),
        Err(refused) => Ok(DeleteBuild {
            content: build(last.clone(), last_tags.clone()),
            carried_over: Some(refused.into()),
        }),
    }
}

/// The delete build of a workspace that never had a build. There is nothing that its values could
/// matter to, so that it has none: one that the template requires must not keep it from going.
pub(crate) fn delete_unbuilt(version: &Version) -> Result<BuildContent, Unbuildable> {
    check_version(version)?;
    let (none, owner) = (Values::new(), &version.prebuilds_user);
    Ok(content(version, None, none, BTreeMap::new(), owner))
}

//! The builds that follow a claim: start, stop and delete of a person's workspace.
//!
//! They stay on the version of the build before and keep its values, as coderd does where a workspace
//! isn't to be updated.

use uuid::Uuid;

use super::deletion::Last;
use super::resolution::resolve;
use super::{
    BuildContent, Unbuildable, Version, check_start, check_version, content, matching_preset,
};
use crate::template::{Owner, Request, Values};

/// How the next build follows from the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Continuation {
    /// It runs: values must satisfy the version's rules.
    Start,
    /// It is the last one once more: values and tags as they are.
    Again,
    /// It stops or deletes: a value that breaks a rule must not keep it from that, and is taken as it is.
    End,
}

/// The next build of a person's workspace.
///
/// # Errors
/// The version can't be built on, or a start breaks one of its rules.
pub(crate) fn next(
    version: &Version,
    last: Last<'_>,
    owner_id: Uuid,
    continuation: Continuation,
) -> Result<BuildContent, Unbuildable> {
    last.check_values()?;
    check_version(version)?;
    let owner = Owner {
        id: owner_id.to_string(),
        ..Owner::default()
    };
    let build = |values: Values, tags| {
        let preset_id = matching_preset(&version.presets, &values);
        content(version, preset_id, values, tags, &owner)
    };
    let as_it_is = || build(last.values.clone(), last.tags.clone());
    if continuation == Continuation::Start {
        check_start(version, None)?;
    }
    let none = Values::new();
    let request = Request {
        owner: &owner,
        is_first: false,
        last_build: last.values,
        given: &none,
        preset: &none,
    };
    if continuation == Continuation::Again {
        return Ok(as_it_is());
    }
    match resolve(version, &request) {
        Ok(resolved) => Ok(build(resolved.values(), resolved.tags)),
        Err(_) if continuation == Continuation::End => Ok(as_it_is()),
        Err(problem) => Err(problem.into()),
    }
}

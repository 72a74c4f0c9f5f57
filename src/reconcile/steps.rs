//! The steps of a plan: what each action of a preset writes, gathered in sets that are written as one.
//!
//! Invariant: no set is about more workspaces than a database takes in one argument.

use uuid::Uuid;

use crate::builds::BuildContent;
use crate::store::NewWorkspace;

/// Most workspaces that are one set: some 40 MB of rows, far below what databases take in one
/// argument.
pub(super) const MAX_SET: usize = 50_000;

/// Where an action stands: the number of its preset in the work, and its own number there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place(pub(super) usize, pub(super) usize);

/// An action of a preset. A failure concerns all of it and nothing else: a create that can't be built
/// must not keep expired workspaces alive.
pub(super) struct Step<'a> {
    pub place: Place,
    pub work: Work<'a>,
}

/// What a step does.
pub(super) enum Work<'a> {
    /// Creates workspaces, and a first build of each with this content.
    Create(Vec<NewWorkspace>, BuildContent),
    /// Deletes workspaces, as long as this version is not one in use, if one is named.
    Delete(&'a [Uuid], Option<Uuid>),
    /// Cancels jobs.
    Cancel(&'a [Uuid]),
}

impl Work<'_> {
    /// How many workspaces it is about.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Create(workspaces, _) => workspaces.len(),
            Self::Delete(ids, _) | Self::Cancel(ids) => ids.len(),
        }
    }
}

/// The steps of an action: one, unless it is about more than a set may be.
pub(super) fn split<'a>(
    place: Place,
    ids: &'a [Uuid],
    work: impl Fn(&'a [Uuid]) -> Work<'a>,
) -> impl Iterator<Item = Step<'a>> {
    let step = move |ids| Step {
        place,
        work: work(ids),
    };
    ids.chunks(MAX_SET).map(step)
}

/// The steps in sets that are carried out as one.
pub(super) fn sets<'s, 'a>(mut steps: &'s [Step<'a>]) -> Vec<&'s [Step<'a>]> {
    let mut sets = Vec::new();
    while !steps.is_empty() {
        let mut size = 0;
        let fits = |step: &&Step<'_>| {
            size += step.work.size();
            size <= MAX_SET
        };
        let (set, rest) = steps.split_at(steps.iter().take_while(fits).count().max(1));
        sets.push(set);
        steps = rest;
    }
    sets
}

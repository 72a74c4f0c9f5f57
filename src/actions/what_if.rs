//! What if: changes to what was read, made before it is planned, and what would come of them.
//!
//! Pure: no database, no clock; nothing here outlives the command, so nothing is changed but the
//! calculation. Planning changed [`Facts`] gives exactly the plan of a database in which the changes
//! were real. A saved snapshot holds less: only numbers can be set in it, and what it can't tell
//! becomes a warning.

use std::collections::BTreeSet;

use crate::model::facts::Facts;
use crate::model::names::{AmbiguousName, UnknownName, known};
use crate::model::text::quoted;
use crate::model::{Plan, Snapshot};

pub(crate) mod desired;
pub(crate) mod impact;
pub(crate) mod promotion;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

use desired::{DesiredSet, SetDesired};
use impact::{BelowTarget, BuildTime};
use promotion::{Promotion, TemplateVersion};

/// What is to be different.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    /// Template versions to become active, before anything else.
    pub promotions: Vec<Promotion>,
    pub desired: Vec<SetDesired>,
}

/// What the changes need to know of a database besides [`Facts`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WhatIfFacts {
    /// All versions of the templates that promotions name.
    pub versions: Vec<TemplateVersion>,
    /// First builds of live prebuilt workspaces.
    pub build_times: Vec<BuildTime>,
}

/// The changes that were made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Versions that became active; those that were active already are left out.
    pub promoted: Vec<TemplateVersion>,
    /// Presets with other desired instances.
    pub desired: Vec<DesiredSet>,
    /// Builds to judge the time of coming ones by.
    pub build_times: Vec<BuildTime>,
    /// Where the outcome differs from what the flags suggest, a sentence each.
    pub warnings: Vec<String>,
}

/// A change that can't be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WhatIfError {
    /// The template or preset does not exist.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// The template has no such version.
    #[error(
        "template {template:?} has no version {version:?}; {}",
        known(suggestions)
    )]
    UnknownVersion {
        template: String,
        /// The version as it was given.
        version: String,
        /// Names of versions, the most alike first.
        suggestions: Vec<String>,
    },
    /// The name could mean several things.
    #[error(transparent)]
    Ambiguous(#[from] AmbiguousName),
    /// No pool is kept for the preset, whatever its number.
    #[error(
        "{value:?} fits no preset in use, only {}: no pool is kept for these, \
         because their version is not the active one or their template is deleted or deprecated",
        quoted(fits)
    )]
    OutOfUse {
        /// The name as it was given.
        value: String,
        /// What it fits, with versions.
        fits: BTreeSet<String>,
    },
    /// The same thing is to be changed in two ways.
    #[error("the command line names {name:?} twice; once is enough")]
    Twice { name: String },
}

/// Makes the changes in what was read from a database.
///
/// # Errors
/// The first change that can't be made.
pub(crate) fn change_facts(
    facts: &mut Facts,
    what_if: WhatIfFacts,
    overrides: &Overrides,
) -> Result<Changes, WhatIfError> {
    // Templates that no promotion fits are still worth a suggestion.
    let mut versions = what_if.versions;
    versions.extend(promotion::versions_of(&facts.presets));
    let (promoted, active) = promotion::resolve(&overrides.promotions, &versions)?;
    for one in &promoted {
        promotion::in_facts(facts, one, &versions);
    }
    Ok(Changes {
        promoted,
        desired: desired::set(&mut facts.presets, &overrides.desired)?,
        build_times: what_if.build_times,
        warnings: active.iter().map(promotion::warning).collect(),
    })
}

/// Sets the numbers in a saved snapshot, as far as it can tell.
///
/// # Errors
/// The first change that can't be made.
pub(crate) fn change_snapshot(
    snapshot: &mut Snapshot,
    desired: &[SetDesired],
) -> Result<Changes, WhatIfError> {
    let desired = desired::set(&mut snapshot.presets, desired)?;
    let mut warnings = desired::doubts(snapshot, &desired);
    warnings.push(
        "a snapshot holds no build times, so it is unknown how long a pool would run below its \
         target"
            .to_owned(),
    );
    Ok(Changes {
        desired,
        warnings,
        ..Changes::default()
    })
}

/// Adds to the plan of a changed snapshot what the changes mean for each preset, as diagnostics.
/// Returns the pools that would run below their target.
pub(crate) fn annotate(
    plan: &mut Plan,
    snapshot: &Snapshot,
    changes: &Changes,
) -> Vec<BelowTarget> {
    let below = impact::below_target(plan, snapshot, &changes.build_times);
    let mut diagnostics = desired::overridden(snapshot, &changes.desired, plan.planned_at);
    diagnostics.extend(below.iter().map(|pool| (pool.preset.id, pool.diagnostic())));
    for (preset_id, diagnostic) in diagnostics {
        let entry = plan.presets.iter_mut().find(|e| e.preset.id == preset_id);
        if let Some(entry) = entry {
            entry.diagnostics.push(diagnostic);
        }
    }
    below
}

//! Which prebuilt workspaces a clean-up deletes.
//!
//! Pure: judges facts by criteria, knows no database, no clock and no terminal. Claimed
//! workspaces are not among the facts at all, and a workspace whose job is pending or running is never
//! selected: deleting it means cancelling first, which a pass or an operator does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use crate::model::facts::{Facts, Prebuild};
use crate::model::names::{Scope, Scoped as _, Selection, UnknownName};
use crate::model::{JobStatus, Time, Transition, time};

#[cfg(test)]
mod tests;

/// An agent that is not ready after this time will hardly become so.
pub(crate) const AGENT_TOLERANCE: TimeDelta = TimeDelta::minutes(30);

/// Why a prebuilt workspace can't be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LeftoverState {
    /// The last start or stop failed.
    Failed,
    /// A user has stopped it.
    Stopped,
    Cancelled,
    WithoutBuild,
    /// It was to be deleted, and is still there.
    FailedDelete,
    /// Running, but not ready, or out of contact with an agent, for longer than [`Criteria::older_than`] or
    /// [`AGENT_TOLERANCE`]; only when named.
    StuckAgents,
    /// Its preset has no pool configured any more; only when named.
    WithoutPreset,
}

impl LeftoverState {
    pub(crate) const ALL: [Self; 7] = [
        Self::Failed,
        Self::Stopped,
        Self::Cancelled,
        Self::WithoutBuild,
        Self::FailedDelete,
        Self::StuckAgents,
        Self::WithoutPreset,
    ];

    /// The states of a clean-up that names none: leftovers, which no pool counts.
    fn usual() -> impl Iterator<Item = Self> {
        let named_only = [Self::StuckAgents, Self::WithoutPreset];
        Self::ALL
            .into_iter()
            .filter(move |it| !named_only.contains(it))
    }

    /// As the flag and tables have it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Failed => "failed",
            Self::Stopped => "stopped",
            Self::Cancelled => "cancelled",
            Self::WithoutBuild => "without-build",
            Self::FailedDelete => "failed-delete",
            Self::StuckAgents => "stuck-agents",
            Self::WithoutPreset => "without-preset",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Criteria {
    /// States; empty: those of leftovers, which no pool counts.
    pub states: Vec<LeftoverState>,
    /// Only those whose last build, or creation where there is none, is longer ago.
    pub older_than: Option<TimeDelta>,
    pub selection: Selection,
}

/// Names of what prebuilt workspaces belong to, whether it has a pool or not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Catalogue {
    pub templates: BTreeMap<Uuid, TemplateEntry>,
    /// Names of their presets.
    pub presets: BTreeMap<Uuid, String>,
}

#[derive(Clone, Debug)]
pub(crate) struct TemplateEntry {
    pub name: String,
    pub organization_name: String,
    pub active_version_id: Uuid,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Candidate {
    pub id: Uuid,
    pub name: String,
    pub organization_name: String,
    pub template_name: String,
    /// Its preset, if its builds name one.
    pub preset_id: Option<Uuid>,
    /// Name of that preset, if it exists.
    pub preset_name: Option<String>,
    pub state: LeftoverState,
    #[serde(with = "time")]
    pub created_at: Time,
    #[serde(with = "time::option")]
    pub last_build_at: Option<Time>,
    /// The error of its last build's job.
    pub last_error: Option<String>,
    /// Its last build, on which a delete build relies; none when it never had one.
    #[serde(skip)]
    pub last_build_id: Option<Uuid>,
    /// Template version of a delete build: that of the last build, else the template's active one.
    #[serde(skip)]
    pub template_version_id: Uuid,
}

impl Candidate {
    /// Since when it has been in its state.
    pub(crate) fn since(&self) -> Time {
        self.last_build_at.unwrap_or(self.created_at)
    }
}

/// The workspaces that satisfy the criteria at `now`: the longest in their state first, ties by id.
///
/// # Errors
/// A filter that names neither a pool nor anything that a prebuilt workspace belongs to.
pub(crate) fn select(
    facts: &Facts,
    catalogue: &Catalogue,
    criteria: &Criteria,
    now: Time,
) -> Result<Vec<Candidate>, UnknownName> {
    let mut states = criteria.states.clone();
    if states.is_empty() {
        states.extend(LeftoverState::usual());
    }
    // A template that is not in the catalogue appeared after the facts, with its workspaces.
    let placed: Vec<(&Prebuild, &TemplateEntry, Scope<'_>)> = facts
        .prebuilds
        .iter()
        .filter_map(|prebuild| {
            let template = catalogue.templates.get(&prebuild.template_id)?;
            let name = |id| Some((id, catalogue.presets.get(&id)?.as_str()));
            let scope = Scope {
                organization: &template.organization_name,
                template: &template.name,
                preset: prebuild.preset_id.and_then(name),
            };
            Some((prebuild, template, scope))
        })
        .collect();
    let mut scopes: Vec<Scope<'_>> = facts.presets.iter().map(|it| it.scope()).collect();
    scopes.extend(placed.iter().map(|(_, _, scope)| *scope));
    criteria.selection.check(&scopes)?;
    let pools: BTreeSet<Uuid> = facts.presets.iter().map(|preset| preset.id).collect();

    let mut candidates = Vec::new();
    for (prebuild, template, scope) in placed {
        let has_pool = prebuild.preset_id.is_some_and(|id| pools.contains(&id));
        let found = states_of(prebuild, has_pool, criteria.older_than, now)
            .into_iter()
            .find(|state| states.contains(state) && criteria.selection.admits(&scope));
        let Some(state) = found else { continue };
        let latest = prebuild.latest_build.as_ref();
        candidates.push(Candidate {
            id: prebuild.id,
            name: prebuild.name.clone(),
            organization_name: template.organization_name.clone(),
            template_name: template.name.clone(),
            preset_id: prebuild.preset_id,
            preset_name: scope.preset.map(|(_, name)| name.to_owned()),
            state,
            created_at: prebuild.created_at,
            last_build_at: latest.map(|build| build.created_at),
            last_error: None,
            last_build_id: latest.map(|build| build.id),
            template_version_id: latest
                .map_or(template.active_version_id, |it| it.template_version_id),
        });
    }
    candidates.sort_by_key(|candidate| (candidate.since(), candidate.id));
    Ok(candidates)
}

/// The states that a workspace is in at `now`, its own before those of its agents and preset.
fn states_of(
    prebuild: &Prebuild,
    has_pool: bool,
    older_than: Option<TimeDelta>,
    now: Time,
) -> Vec<LeftoverState> {
    let latest = prebuild.latest_build.as_ref();
    let since = latest.map_or(prebuild.created_at, |build| build.created_at);
    let age = now.signed_duration_since(since);
    if older_than.is_some_and(|limit| age <= limit) {
        return Vec::new();
    }
    let Some(latest) = latest else {
        return vec![LeftoverState::WithoutBuild];
    };
    let own = match (latest.transition, latest.job_status) {
        (Transition::Unknown, _)
        | (
            _,
            JobStatus::Pending | JobStatus::Running | JobStatus::Canceling | JobStatus::Unknown,
        ) => return Vec::new(),
        (Transition::Delete, _) => Some(LeftoverState::FailedDelete),
        (_, JobStatus::Canceled) => Some(LeftoverState::Cancelled),
        (_, JobStatus::Failed) => Some(LeftoverState::Failed),
        (Transition::Stop, JobStatus::Succeeded) => Some(LeftoverState::Stopped),
        (Transition::Start, JobStatus::Succeeded) => None,
    };
    let tolerance = older_than.unwrap_or(AGENT_TOLERANCE);
    let is_silent = latest
        .out_of_contact_since
        .is_some_and(|since| now.signed_duration_since(since) > tolerance);
    // Not since the build was queued: its agents have had no more time than since it ended.
    let running = now.signed_duration_since(latest.ended_at.unwrap_or(since));
    let is_stuck = own.is_none() && (!latest.ready && running > tolerance || is_silent);
    [
        own,
        is_stuck.then_some(LeftoverState::StuckAgents),
        (!has_pool).then_some(LeftoverState::WithoutPreset),
    ]
    .into_iter()
    .flatten()
    .collect()
}

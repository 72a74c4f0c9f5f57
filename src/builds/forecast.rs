//! Predicts which builds of a plan, and which claims, would be refused, because they can't be made.
//!
//! A plan counts workspaces and knows nothing of templates; a pass finds out when it works builds out.
//! Invariant: the prediction works builds out as a pass does, and decides nothing: it is what a plan
//! says besides.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::deletion::{DeleteBuild, Deletes, Last, LastId, buildable, not_rendered};
use super::provisioners::unserved;
use super::threads::in_threads;
use super::{BuildContent, Unbuildable, Version, claim, first_start};
use crate::model::facts::{Provisioner, QueuedTags};
use crate::model::text::{counted, plural};
use crate::model::{Action, Diagnostic, Plan, Preset, PresetPlan, Snapshot};
use crate::template::{Owner, Values};

/// The code of what is said about pools whose builds no provisioner takes.
pub(crate) const NO_PROVISIONER: &str = "no_provisioner";

/// Of which pools claims are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Claims {
    /// Of those that the plan creates workspaces of, whose versions are read anyway.
    Planned,
    /// Of all that are in use.
    All,
}

/// The template versions that the prediction needs.
pub(crate) fn needed_versions(snapshot: &Snapshot, plan: &Plan, claims: Claims) -> Vec<Uuid> {
    let running = snapshot.running.iter();
    let running: BTreeMap<Uuid, Uuid> = running
        .map(|workspace| (workspace.id, workspace.template_version_id))
        .collect();
    let mut needed = BTreeSet::new();
    for (preset, entry) in snapshot.presets.iter().zip(&plan.presets) {
        if creates(entry) || cancels(entry) || is_claimed_from(preset, entry, claims) {
            needed.insert(preset.template_version_id);
        }
        needed.extend(deleted(entry).filter_map(|id| running.get(id)));
    }
    needed.into_iter().collect()
}

/// The last builds that the prediction needs, `running_builds` being those of the running workspaces.
pub(crate) fn needed_builds(
    snapshot: &Snapshot,
    running_builds: &BTreeMap<Uuid, Uuid>,
    plan: &Plan,
    claims: Claims,
) -> Vec<LastId> {
    let deleted = plan.presets.iter().flat_map(deleted).copied();
    let claimed = claimed_from(snapshot, plan, claims).into_values().flatten();
    let needed: BTreeSet<Uuid> = deleted.chain(claimed).collect();
    let running = snapshot.running.iter().filter(|it| needed.contains(&it.id));
    let builds = running.filter_map(|workspace| {
        Some(LastId {
            workspace_id: workspace.id,
            build_id: *running_builds.get(&workspace.id)?,
            version_id: workspace.template_version_id,
        })
    });
    builds.collect()
}

/// The ready workspaces of presets whose claims are looked at one by one: where all pools are.
fn claimed_from(snapshot: &Snapshot, plan: &Plan, claims: Claims) -> BTreeMap<Uuid, Vec<Uuid>> {
    let presets = snapshot.presets.iter().zip(&plan.presets);
    let mut workspaces: BTreeMap<Uuid, Vec<Uuid>> = presets
        .filter(|(preset, entry)| claims == Claims::All && is_claimed_from(preset, entry, claims))
        .map(|(preset, _)| (preset.id, Vec::new()))
        .collect();
    for workspace in snapshot.running.iter().filter(|workspace| workspace.ready) {
        let preset = workspace.preset_id;
        if let Some(of_preset) = preset.and_then(|preset| workspaces.get_mut(&preset)) {
            of_preset.push(workspace.id);
        }
    }
    workspaces
}

/// What a prediction is made from.
pub(crate) struct Basis<'a> {
    /// The versions that the plan needs, as far as they can be built on.
    pub versions: &'a BTreeMap<Uuid, Version>,
    /// The last builds by workspace.
    pub last_builds: BTreeMap<Uuid, Last<'a>>,
    pub claims: Claims,
    /// The provisioners that are alive.
    pub provisioners: &'a [Provisioner],
}

/// What would be refused of each preset, in the plan's order.
pub(crate) fn forecast(
    snapshot: &Snapshot,
    plan: &Plan,
    basis: &Basis<'_>,
) -> Vec<Vec<Diagnostic>> {
    let claimed = claimed_from(snapshot, plan, basis.claims);
    let presets: Vec<_> = snapshot.presets.iter().zip(&plan.presets).collect();
    let of_part = |part: &[(&Preset, &PresetPlan)]| {
        let mut deletes = Deletes::on(basis.versions);
        let found = part.iter().map(|(preset, entry)| {
            let claimed = claimed.get(&preset.id).map_or(&[][..], Vec::as_slice);
            of_preset(preset, entry, basis, claimed, &mut deletes)
        });
        found.collect::<Vec<_>>()
    };
    in_threads(&presets, of_part)
}

/// What would be refused of one preset, `claimed` being those of its workspaces whose claims are looked
/// at.
fn of_preset<'a>(
    preset: &Preset,
    entry: &PresetPlan,
    basis: &Basis<'a>,
    claimed: &[Uuid],
    deletes: &mut Deletes<'a>,
) -> Vec<Diagnostic> {
    let Basis {
        versions,
        last_builds: all_last_builds,
        claims,
        provisioners,
    } = basis;
    let version = buildable(versions, preset.template_version_id);
    let first = LazyCell::new(|| first_start(version.clone()?, preset.id));
    let mut found = Vec::new();
    if creates(entry)
        && let Err(problem) = &*first
    {
        let message = format!("a pass can't create workspaces: {problem}");
        found.push(Diagnostic::error("create_refused", message));
    }
    if (creates(entry) || is_claimed_from(preset, entry, *claims))
        && let Ok(content) = &*first
    {
        found.extend(no_provisioner(content, provisioners));
    }
    let last_builds = deleted(entry).filter_map(|id| all_last_builds.get(id));
    let outcomes = last_builds.map(|last| deletes.build(*last)).collect();
    found.extend(of_deletes(outcomes, "can't delete", "delete_refused"));
    if cancels(entry) {
        // What never started holds what it would hold now, as far as that is known.
        let none = Values::new();
        let stored = version
            .as_ref()
            .ok()
            .and_then(|it| it.presets.get(&preset.id));
        let (values, tags) = match &*first {
            Ok(content) => (&content.parameters, &content.tags),
            Err(_) => (stored.unwrap_or(&none), &none),
        };
        let version_id = preset.template_version_id;
        let outcome = Deletes::on(versions).build(Last {
            version_id,
            values,
            tags,
            encrypted: false,
        });
        let action = "can't cancel the jobs of";
        found.extend(of_deletes(vec![outcome], action, "cancel_refused"));
    }
    if is_claimed_from(preset, entry, *claims)
        && let (Ok(version), Ok(content)) = (&version, &*first)
    {
        let claim = |last: &Values| claim_by_member(version, preset.id, last);
        let message = match claim(&content.parameters) {
            Ok(_) => {
                let lasts = claimed.iter().filter_map(|id| all_last_builds.get(id));
                unclaimable(lasts.copied(), claim)
            }
            Err(problem) => Some(format!(
                "a claim by a member who is in no group and gives no values is refused: {problem}"
            )),
        };
        let refused = message.map(|it| Diagnostic::warning("claim_refused", it));
        found.extend(refused);
    }
    found
}

/// Says that builds like this one would wait in vain.
fn no_provisioner(content: &BuildContent, alive: &[Provisioner]) -> Option<Diagnostic> {
    let BuildContent {
        organization_id,
        provisioner,
        tags,
        ..
    } = content;
    let problem = unserved(*organization_id, provisioner, tags, alive)?;
    Some(Diagnostic::error(NO_PROVISIONER, problem))
}

/// What the waiting jobs of pools wait for in vain, by preset.
pub(crate) fn waiting_in_vain(
    queued: &[QueuedTags],
    alive: &[Provisioner],
) -> Vec<(Uuid, Diagnostic)> {
    let in_vain = |it: &QueuedTags| {
        let problem = unserved(it.organization_id, &it.provisioner, &it.tags, alive)?;
        let message = format!("{}: {problem}", counted(it.jobs, "job waits", "jobs wait"));
        let found = Diagnostic::error(NO_PROVISIONER, message);
        Some((it.preset_id, found))
    };
    queued.iter().filter_map(in_vain).collect()
}

/// What is to be said about delete builds: those refused by reason, then those that aren't rendered.
fn of_deletes(
    outcomes: Vec<Result<DeleteBuild, Unbuildable>>,
    action: &str,
    code: &str,
) -> Vec<Diagnostic> {
    let mut refused: BTreeMap<String, usize> = BTreeMap::new();
    let mut carried_over = Vec::new();
    for outcome in outcomes {
        match outcome {
            Ok(build) => carried_over.extend(build.carried_over),
            Err(problem) => *refused.entry(problem.to_string()).or_default() += 1,
        }
    }
    let refused = refused.into_iter().map(|(problem, count)| {
        let workspaces = plural(count, "workspace");
        let message = format!("a pass {action} {workspaces}: {problem}");
        Diagnostic::error(code, message)
    });
    refused.chain(not_rendered(carried_over)).collect()
}

/// How many workspaces can't be claimed because of their own values, and why. Equal builds are looked
/// at once.
fn unclaimable<'v>(
    lasts: impl Iterator<Item = Last<'v>>,
    claim: impl Fn(&Values) -> Result<BuildContent, Unbuildable>,
) -> Option<String> {
    let mut counts: BTreeMap<Last<'_>, usize> = BTreeMap::new();
    for last in lasts {
        *counts.entry(last).or_default() += 1;
    }
    let refused = counts.into_iter().filter_map(|(last, count)| {
        let outcome = last.check_values().and_then(|()| claim(last.values));
        let problem = outcome.err()?;
        Some((count, problem.to_string()))
    });
    let (count, problem) = refused.reduce(|(count, problem), (more, _)| (count + more, problem))?;
    let workspaces = plural(count, "workspace");
    Some(format!(
        "{workspaces} can't be claimed by such a member, and claims pass over: {problem}"
    ))
}

/// What comes of a claim by an ordinary member of the organization, of a workspace with these values.
fn claim_by_member(
    version: &Version,
    preset_id: Uuid,
    last: &Values,
) -> Result<BuildContent, Unbuildable> {
    let member = Owner {
        id: Uuid::from_u128(1).to_string(),
        name: "member".to_owned(),
        full_name: "Member".to_owned(),
        email: "member@example.com".to_owned(),
        login_type: "password".to_owned(),
        groups: vec!["Everyone".to_owned()],
        ..Owner::default()
    };
    let none = Values::new();
    claim(version, preset_id, &none, last, &member)
}

fn creates(entry: &PresetPlan) -> bool {
    entry.summary().create > 0
}

fn cancels(entry: &PresetPlan) -> bool {
    entry.summary().cancel_pending > 0
}

/// The workspaces that the plan deletes.
fn deleted(entry: &PresetPlan) -> impl Iterator<Item = &Uuid> {
    let ids = entry.actions.iter().filter_map(|action| match action {
        Action::Delete { workspace_ids, .. } => Some(workspace_ids),
        Action::Create { .. } | Action::CancelPending { .. } | Action::Backoff { .. } => None,
    });
    ids.flatten()
}

/// Whether to look at claims of a preset.
fn is_claimed_from(preset: &Preset, entry: &PresetPlan, claims: Claims) -> bool {
    match claims {
        Claims::Planned => creates(entry),
        Claims::All => {
            let state = &entry.state;
            preset.is_active() && (state.desired > 0 || state.eligible > 0)
        }
    }
}

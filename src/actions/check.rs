//! Says whether a plan may be carried out on a snapshot.
//!
//! Knows what must hold of every plan, not how plans are made, so that a mistake in the
//! calculation, or an edited plan from a file, is caught before anything is written.
//! It therefore shares no code with the calculation. A plan that creates less than desired is fine;
//! one that deletes or creates anything more is not.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::model::text::count;
use crate::model::{
    Action, Block, DeleteReason, JobStatus, Plan, PrebuildStatus, Preset, PresetPlan,
    PresetReference, RunningPrebuild, Snapshot, State, Summary, Transition,
};

/// Checks a plan against the snapshot that it was made from.
///
/// # Errors
/// One sentence for each thing that must hold and does not.
pub(crate) fn check(plan: &Plan, snapshot: &Snapshot) -> Result<(), Vec<String>> {
    let mut problems = Vec::new();
    check_totals(plan, snapshot, &mut problems);
    let index = Index::new(snapshot);
    let mut deleted = HashSet::new();
    if plan.presets.len() != snapshot.presets.len() {
        problems.push(format!(
            "the plan has {} presets and the snapshot {}",
            plan.presets.len(),
            snapshot.presets.len()
        ));
    }
    check_claimed(plan, snapshot, &mut problems);
    for (entry, preset) in plan.presets.iter().zip(&snapshot.presets) {
        let mut found = Vec::new();
        if entry.preset != PresetReference::from(preset) {
            found.push(format!(
                "stands where the snapshot has preset {}",
                preset.id
            ));
        } else {
            check_state(entry, preset, &index, &mut found);
            check_actions(plan, entry, preset, &index, &mut deleted, &mut found);
        }
        let name = format!("{} ({:?})", entry.preset.id, entry.preset.name);
        problems.extend(
            found
                .into_iter()
                .map(|problem| format!("preset {name}: {problem}")),
        );
    }
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// What a snapshot says about presets, by their ids.
struct Index<'a> {
    running: HashMap<Uuid, &'a RunningPrebuild>,
    num_running: HashMap<Uuid, i64>,
    pending: HashMap<Uuid, i64>,
    hard_limited: HashSet<Uuid>,
    /// Each preset with every number that it or a schedule of it can ask for.
    desired: HashSet<(Uuid, i64)>,
}

impl<'a> Index<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        let mut index = Self {
            running: snapshot.running.iter().map(|row| (row.id, row)).collect(),
            num_running: HashMap::new(),
            pending: HashMap::new(),
            hard_limited: snapshot
                .hard_limited
                .iter()
                .map(|row| row.preset_id)
                .collect(),
            desired: HashSet::new(),
        };
        for preset_id in snapshot.running.iter().filter_map(|row| row.preset_id) {
            *index.num_running.entry(preset_id).or_default() += 1;
        }
        for row in &snapshot.pending {
            let sum = index.pending.entry(row.preset_id).or_default();
            *sum = sum.saturating_add(row.count.saturating_sub(row.transferred).max(0));
        }
        let mut add = |id, number: i64| index.desired.insert((id, number.max(0)));
        for row in &snapshot.presets {
            add(row.id, row.desired_instances);
            if let Some(scaled) = &row.scaled {
                add(row.id, scaled.desired_instances);
            }
        }
        for row in &snapshot.schedules {
            add(row.preset_id, row.desired_instances);
        }
        index
    }
}

fn check_totals(plan: &Plan, snapshot: &Snapshot, problems: &mut Vec<String>) {
    let mut sums = Summary::default();
    for entry in &plan.presets {
        sums.presets += 1;
        for action in &entry.actions {
            let (sum, number) = match action {
                Action::Create {
                    count,
                    blocked_by: None,
                } => (&mut sums.create, *count),
                Action::Create { count, .. } => (&mut sums.blocked, *count),
                Action::Delete { workspace_ids, .. } => {
                    (&mut sums.delete, count(workspace_ids.len()))
                }
                Action::CancelPending { count } => (&mut sums.cancel_pending, *count),
                Action::Backoff { .. } => (&mut sums.backoff, 1),
            };
            *sum = sum.saturating_add(number);
        }
    }
    for due in &plan.claimed {
        match due.transition {
            Transition::Start => sums.start += 1,
            _ => sums.stop += 1,
        }
    }
    if plan.summary != sums {
        problems.push("the summary does not agree with the actions".to_owned());
    }
    if plan.reconciliation_paused != snapshot.reconciliation_paused {
        problems.push("plan and snapshot disagree on whether reconciliation is paused".to_owned());
    }
    let works =
        sums.create > 0 || sums.delete > 0 || sums.cancel_pending > 0 || !plan.claimed.is_empty();
    if plan.has_changes != (works && !plan.reconciliation_paused) {
        problems.push("has_changes does not agree with the actions and the pause".to_owned());
    }
}

/// A workspace stops when it runs and starts when it is stopped, once, and no other build is due.
fn check_claimed(plan: &Plan, snapshot: &Snapshot, problems: &mut Vec<String>) {
    let mut built = HashSet::new();
    for due in &plan.claimed {
        let workspace = snapshot.claimed.iter().find(|it| it.id == due.workspace_id);
        let follows = workspace.is_some_and(|it| {
            let steps = [
                (Transition::Start, Transition::Stop),
                (Transition::Stop, Transition::Start),
            ];
            it.job_status == JobStatus::Succeeded
                && steps.contains(&(it.transition, due.transition))
        });
        if !follows || due.due_at > plan.planned_at || !built.insert(due.workspace_id) {
            problems.push(format!(
                "no such build of workspace {} is due",
                due.workspace_id
            ));
        }
    }
}

fn check_state(entry: &PresetPlan, preset: &Preset, index: &Index<'_>, found: &mut Vec<String>) {
    let state = &entry.state;
    let numbers = [
        state.actual,
        state.expired,
        state.desired,
        state.eligible,
        state.extraneous,
        state.starting,
        state.stopping,
        state.deleting,
    ];
    if numbers.iter().any(|number| *number < 0) {
        found.push("a number of its state is negative".to_owned());
    }
    let actual = index.num_running.get(&preset.id).copied().unwrap_or(0);
    if state.actual != actual {
        found.push(format!(
            "counts {} running and the snapshot has {actual}",
            state.actual
        ));
    }
    if state.expired.saturating_add(state.eligible) > state.actual {
        found.push("counts more expired and eligible workspaces than running ones".to_owned());
    }
    let possible = if preset.is_active() {
        index.desired.contains(&(preset.id, state.desired))
    } else {
        state.desired == 0
    };
    if !possible {
        found.push(format!(
            "desires {}, which nothing in the snapshot asks for",
            state.desired
        ));
    }
    if entry.hard_limited != index.hard_limited.contains(&preset.id) {
        found.push("disagrees with the snapshot on the hard limit".to_owned());
    }
}

fn check_actions(
    plan: &Plan,
    entry: &PresetPlan,
    preset: &Preset,
    index: &Index<'_>,
    deleted: &mut HashSet<Uuid>,
    found: &mut Vec<String>,
) {
    let ranks: Vec<_> = entry.actions.iter().map(rank).collect();
    if !ranks.is_sorted_by(|a, b| a < b) {
        found.push("its actions are doubled or out of order".to_owned());
    }
    if ranks.contains(&0) && ranks.len() > 1 {
        found.push("acts while it backs off".to_owned());
    }
    let allowed: &[u8] = if preset.is_active() {
        &[0, 3, 4, 5]
    } else {
        &[0, 1, 2]
    };
    if !ranks.iter().all(|rank| allowed.contains(rank)) {
        found.push("holds an action that its being active or not forbids".to_owned());
    }
    for action in &entry.actions {
        match action {
            Action::Backoff { until, failed } => {
                if *failed < 1 || *until < plan.planned_at {
                    found.push("backs off for nothing".to_owned());
                }
            }
            Action::CancelPending { count } => {
                let pending = index.pending.get(&preset.id).copied().unwrap_or(0);
                if *count < 1 || *count > pending {
                    found.push(format!("cancels {count} of {pending} pending builds"));
                }
            }
            Action::Delete {
                reason,
                workspace_ids,
            } => {
                check_delete(entry, *reason, workspace_ids, index, deleted, found);
            }
            Action::Create { count, blocked_by } => {
                check_create(entry, preset, *count, *blocked_by, found);
            }
        }
    }
}

fn check_delete(
    entry: &PresetPlan,
    reason: DeleteReason,
    workspace_ids: &[Uuid],
    index: &Index<'_>,
    deleted: &mut HashSet<Uuid>,
    found: &mut Vec<String>,
) {
    let state = &entry.state;
    let allowed = match reason {
        DeleteReason::Expired => state.expired,
        DeleteReason::Extraneous => unexpired(state).saturating_sub(state.desired),
        DeleteReason::Inactive => state.actual,
    };
    if workspace_ids.is_empty() || count(workspace_ids.len()) > allowed {
        found.push(format!(
            "deletes {} workspaces where {allowed} may go",
            workspace_ids.len()
        ));
    }
    let mut ages = Vec::with_capacity(workspace_ids.len());
    for id in workspace_ids {
        if !deleted.insert(*id) {
            found.push(format!("deletes workspace {id} a second time"));
        }
        match index.running.get(id) {
            Some(row) if row.preset_id == Some(entry.preset.id) => {
                ages.push((row.created_at, row.id));
            }
            _ => found.push(format!("deletes workspace {id}, which is not of its pool")),
        }
    }
    if !ages.is_sorted() {
        found.push("does not delete the oldest workspaces first".to_owned());
    }
}

fn check_create(
    entry: &PresetPlan,
    preset: &Preset,
    count: i64,
    blocked_by: Option<Block>,
    found: &mut Vec<String>,
) {
    let state = &entry.state;
    let allowed = state
        .desired
        .saturating_sub(unexpired(state))
        .saturating_sub(state.starting);
    if count < 1 || count > allowed {
        found.push(format!(
            "creates {count} workspaces where {allowed} are missing"
        ));
    }
    let block = if entry.hard_limited {
        Some(Block::HardLimited)
    } else if preset.prebuild_status == PrebuildStatus::ValidationFailed {
        Some(Block::ValidationFailed)
    } else {
        None
    };
    if blocked_by != block {
        found.push("its create is blocked wrongly or not at all".to_owned());
    }
}

/// The place of an action among the actions of a preset.
fn rank(action: &Action) -> u8 {
    match action {
        Action::Backoff { .. } => 0,
        Action::CancelPending { .. } => 1,
        Action::Delete {
            reason: DeleteReason::Inactive,
            ..
        } => 2,
        Action::Delete {
            reason: DeleteReason::Expired,
            ..
        } => 3,
        Action::Delete {
            reason: DeleteReason::Extraneous,
            ..
        } => 4,
        Action::Create { .. } => 5,
    }
}

/// Running workspaces that have not expired. Nothing is known yet about the numbers of a plan from
/// a file, so no sum of them may overflow.
fn unexpired(state: &State) -> i64 {
    state.actual.saturating_sub(state.expired)
}

#[cfg(test)]
mod tests;

//! Says whether a plan may be carried out on a snapshot.
//!
//! Knows what must hold of every plan, not how plans are made, so that a mistake in the
//! calculation, or a plan from a file that somebody edited, is caught before anything is written.
//! It therefore shares no code with the calculation. A plan that creates less than wanted is fine;
//! one that deletes or creates anything more is not.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::model::{
    Action, Block, DeleteReason, Plan, PrebuildStatus, Preset, PresetPlan, PresetReference,
    RunningPrebuild, Snapshot, State, Summary,
};

/// Checks a plan against the snapshot that it was made from.
///
/// # Errors
/// One sentence for each thing that must hold and does not.
pub fn check(plan: &Plan, snapshot: &Snapshot) -> Result<(), Vec<String>> {
    let mut problems = Vec::new();
    check_totals(plan, snapshot, &mut problems);
    let facts = Facts::new(snapshot);
    let mut deleted = HashSet::new();
    if plan.presets.len() != snapshot.presets.len() {
        problems.push(format!(
            "the plan has {} presets and the snapshot {}",
            plan.presets.len(),
            snapshot.presets.len()
        ));
    }
    for (entry, preset) in plan.presets.iter().zip(&snapshot.presets) {
        let mut found = Vec::new();
        if entry.preset != PresetReference::from(preset) {
            found.push(format!(
                "stands where the snapshot has preset {}",
                preset.id
            ));
        } else {
            check_state(entry, preset, &facts, &mut found);
            check_actions(plan, entry, preset, &facts, &mut deleted, &mut found);
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
struct Facts<'a> {
    running: HashMap<Uuid, &'a RunningPrebuild>,
    num_running: HashMap<Uuid, i64>,
    pending: HashMap<Uuid, i64>,
    hard_limited: HashSet<Uuid>,
    /// Every number that a schedule of the preset can ask for.
    scheduled: HashMap<Uuid, Vec<i64>>,
}

impl<'a> Facts<'a> {
    fn new(snapshot: &'a Snapshot) -> Self {
        let mut facts = Self {
            running: snapshot.running.iter().map(|row| (row.id, row)).collect(),
            num_running: HashMap::new(),
            pending: HashMap::new(),
            hard_limited: snapshot
                .hard_limited
                .iter()
                .map(|row| row.preset_id)
                .collect(),
            scheduled: HashMap::new(),
        };
        for preset_id in snapshot.running.iter().filter_map(|row| row.preset_id) {
            *facts.num_running.entry(preset_id).or_default() += 1;
        }
        for row in &snapshot.pending {
            let sum = facts.pending.entry(row.preset_id).or_default();
            *sum = sum.saturating_add(row.count.max(0));
        }
        for row in &snapshot.schedules {
            facts
                .scheduled
                .entry(row.preset_id)
                .or_default()
                .push(row.desired_instances);
        }
        facts
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
                Action::Delete { workspace_ids, .. } => (&mut sums.delete, len(workspace_ids)),
                Action::CancelPending { count } => (&mut sums.cancel_pending, *count),
                Action::Backoff { .. } => (&mut sums.backoff, 1),
            };
            *sum = sum.saturating_add(number);
        }
    }
    if plan.summary != sums {
        problems.push("the summary does not agree with the actions".to_owned());
    }
    if plan.reconciliation_paused != snapshot.reconciliation_paused {
        problems.push("plan and snapshot disagree on whether reconciliation is paused".to_owned());
    }
    let works = sums.create > 0 || sums.delete > 0 || sums.cancel_pending > 0;
    if plan.has_changes != (works && !plan.reconciliation_paused) {
        problems.push("has_changes does not agree with the actions and the pause".to_owned());
    }
}

fn check_state(entry: &PresetPlan, preset: &Preset, facts: &Facts<'_>, found: &mut Vec<String>) {
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
    let actual = facts.num_running.get(&preset.id).copied().unwrap_or(0);
    if state.actual != actual {
        found.push(format!(
            "counts {} running and the snapshot has {actual}",
            state.actual
        ));
    }
    if state.expired.saturating_add(state.eligible) > state.actual {
        found.push("counts more expired and eligible workspaces than running ones".to_owned());
    }
    let scheduled = facts
        .scheduled
        .get(&preset.id)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let possible = if preset.is_active() {
        preset.desired_instances.max(0) == state.desired
            || scheduled
                .iter()
                .any(|number| (*number).max(0) == state.desired)
    } else {
        state.desired == 0
    };
    if !possible {
        found.push(format!(
            "wants {}, which nothing in the snapshot asks for",
            state.desired
        ));
    }
    if entry.hard_limited != facts.hard_limited.contains(&preset.id) {
        found.push("disagrees with the snapshot on the hard limit".to_owned());
    }
}

fn check_actions(
    plan: &Plan,
    entry: &PresetPlan,
    preset: &Preset,
    facts: &Facts<'_>,
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
                let pending = facts.pending.get(&preset.id).copied().unwrap_or(0);
                if *count < 1 || *count > pending {
                    found.push(format!("cancels {count} of {pending} pending builds"));
                }
            }
            Action::Delete {
                reason,
                workspace_ids,
            } => {
                check_delete(entry, *reason, workspace_ids, facts, deleted, found);
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
    facts: &Facts<'_>,
    deleted: &mut HashSet<Uuid>,
    found: &mut Vec<String>,
) {
    let state = &entry.state;
    let allowed = match reason {
        DeleteReason::Expired => state.expired,
        DeleteReason::Extraneous => kept(state).saturating_sub(state.desired),
        DeleteReason::Inactive => state.actual,
    };
    if workspace_ids.is_empty() || len(workspace_ids) > allowed {
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
        match facts.running.get(id) {
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
        .saturating_sub(kept(state))
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
fn kept(state: &State) -> i64 {
    state.actual.saturating_sub(state.expired)
}

fn len(ids: &[Uuid]) -> i64 {
    i64::try_from(ids.len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::*;
    use crate::model::Time;

    /// A snapshot with every kind of action in its plan: of a busy pool, a blocked one, one that
    /// rests and one that is no longer in use.
    fn world() -> Snapshot {
        let (mut busy, blocked, resting, mut retired) =
            (preset(1, 2), preset(2, 1), preset(3, 1), preset(4, 1));
        busy.ttl_secs = Some(3600);
        retired.using_active_version = false;
        let mut snapshot = snapshot(vec![
            busy.clone(),
            blocked.clone(),
            resting.clone(),
            retired,
        ]);
        let retired = &snapshot.presets[3];
        snapshot.running = vec![
            running(10, &busy, "2026-03-04T09:00:00Z"),
            running(11, &busy, "2026-03-04T10:00:00Z"),
            running(12, retired, NOON),
            running(13, retired, NOON),
        ];
        snapshot.pending = vec![pending(retired, 2)];
        snapshot.hard_limited = vec![hard_limited(&blocked)];
        snapshot.backoffs = vec![backoff(&resting, 1, NOON)];
        snapshot
    }

    /// What the checker says after an edit of a sound plan.
    fn problems(edit: impl FnOnce(&mut Plan)) -> String {
        let snapshot = world();
        let mut plan = plan_checked(&snapshot);
        edit(&mut plan);
        check(&plan, &snapshot).unwrap_err().join("; ")
    }

    fn ids(action: &mut Action) -> &mut Vec<Uuid> {
        match action {
            Action::Delete { workspace_ids, .. } => workspace_ids,
            other => panic!("{other:?}"),
        }
    }

    fn count(action: &mut Action) -> &mut i64 {
        match action {
            Action::Create { count, .. } | Action::CancelPending { count } => count,
            other => panic!("{other:?}"),
        }
    }

    fn add_a_create(plan: &mut Plan, position: usize) {
        let create = plan.presets[1].actions[0].clone();
        plan.presets[position].actions.push(create);
    }

    #[test]
    fn a_plan_that_was_calculated_is_sound() {
        assert_eq!(plan_checked(&world()).summary.delete, 4);
    }

    #[test]
    fn every_breach_is_found() {
        type Edit = fn(&mut Plan);
        let edits: [(Edit, &str); 24] = [
            (|p| p.summary.create += 1, "summary does not agree"),
            (|p| p.has_changes = false, "has_changes does not agree"),
            (
                |p| p.reconciliation_paused = true,
                "disagree on whether reconciliation is paused",
            ),
            (
                |p| p.presets.swap(0, 1),
                "stands where the snapshot has preset",
            ),
            (
                |p| p.presets.truncate(3),
                "the plan has 3 presets and the snapshot 4",
            ),
            (
                |p| p.presets[0].preset.name.push('x'),
                "stands where the snapshot has preset",
            ),
            (|p| p.presets[0].state.stopping = -1, "is negative"),
            (
                |p| p.presets[0].state.actual = 3,
                "counts 3 running and the snapshot has 2",
            ),
            (
                |p| p.presets[0].state.eligible = 1,
                "more expired and eligible",
            ),
            (|p| p.presets[0].state.desired = 9, "wants 9, which nothing"),
            (|p| p.presets[3].state.desired = 1, "wants 1, which nothing"),
            (
                |p| p.presets[0].hard_limited = true,
                "disagrees with the snapshot on the hard",
            ),
            (|p| p.presets[0].actions.swap(0, 1), "out of order"),
            (|p| add_a_create(p, 1), "doubled"),
            (|p| add_a_create(p, 2), "while it backs off"),
            (|p| add_a_create(p, 3), "forbids"),
            (
                |p| *count(&mut p.presets[3].actions[0]) = 3,
                "cancels 3 of 2 pending",
            ),
            (
                |p| *count(&mut p.presets[0].actions[1]) = 3,
                "creates 3 workspaces where 2",
            ),
            (
                |p| *count(&mut p.presets[0].actions[1]) = 0,
                "creates 0 workspaces",
            ),
            (
                |p| ids(&mut p.presets[0].actions[0]).clear(),
                "deletes 0 workspaces",
            ),
            (
                |p| ids(&mut p.presets[0].actions[0])[1] = id(10),
                "a second time",
            ),
            (
                |p| ids(&mut p.presets[0].actions[0])[1] = id(12),
                "which is not of its pool",
            ),
            (
                |p| ids(&mut p.presets[0].actions[0])[1] = id(99),
                "which is not of its pool",
            ),
            (
                |p| ids(&mut p.presets[0].actions[0]).reverse(),
                "oldest workspaces first",
            ),
        ];
        for (edit, expected) in edits {
            let found = problems(edit);
            assert!(found.contains(expected), "{expected:?} is not in {found:?}");
        }
    }

    #[test]
    fn a_block_cannot_be_edited_away() {
        let found = problems(|plan| {
            plan.presets[1].actions = vec![Action::Create {
                count: 1,
                blocked_by: None,
            }];
        });
        assert!(found.contains("blocked wrongly"), "{found}");
    }

    #[test]
    fn a_back_off_must_lie_ahead() {
        let found = problems(|plan| {
            plan.presets[2].actions = vec![Action::Backoff {
                until: Time::MIN_UTC,
                failed: 1,
            }];
        });
        assert!(found.contains("backs off for nothing"), "{found}");
    }

    #[test]
    fn more_deletes_than_the_state_allows_are_found() {
        let found = problems(|plan| plan.presets[0].state.expired = 1);
        assert!(
            found.contains("deletes 2 workspaces where 1 may go"),
            "{found}"
        );
    }

    #[test]
    fn absurd_numbers_from_a_file_are_breaches_and_do_not_overflow() {
        for number in [i64::MIN, i64::MAX] {
            let found = problems(|plan| {
                for entry in &mut plan.presets {
                    entry.state.actual = number;
                    entry.state.expired = number.wrapping_neg();
                    entry.state.desired = number;
                    entry.state.starting = number;
                    entry.actions.push(Action::Create {
                        count: number,
                        blocked_by: None,
                    });
                }
            });
            assert!(found.contains("the summary does not agree"), "{found}");
        }
    }
}

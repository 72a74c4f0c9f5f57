//! Every rule of plans, broken once.

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
        (
            |p| p.presets[0].state.desired = 9,
            "desires 9, which nothing",
        ),
        (
            |p| p.presets[3].state.desired = 1,
            "desires 1, which nothing",
        ),
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

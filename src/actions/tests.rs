//! The rules of the calculation, one by one.

mod backoff_and_blocks;

use super::testing::*;
use super::*;
use crate::model::{JobStatus, Pending, PresetPlan, RunningPrebuild, State, Transition, time};

fn create(count: i64) -> Action {
    Action::Create {
        count,
        blocked_by: None,
    }
}

fn delete(reason: DeleteReason, ids: &[u128]) -> Action {
    Action::Delete {
        reason,
        workspace_ids: ids.iter().map(|n| id(*n)).collect(),
    }
}

/// Plans one preset with workspaces of the given ids and creation times.
fn entry(preset: &Preset, workspaces: &[(u128, &str)]) -> PresetPlan {
    let mut snapshot = snapshot(vec![preset.clone()]);
    snapshot.running = workspaces
        .iter()
        .map(|(n, created)| running(*n, preset, created))
        .collect();
    only(plan_checked(&snapshot))
}

#[test]
fn an_empty_snapshot_gives_an_empty_plan() {
    let plan = plan_checked(&snapshot(Vec::new()));
    assert_eq!(
        (plan.has_changes, plan.summary),
        (false, Summary::default())
    );
    assert_eq!(plan.planned_at, at(NOON));
}

#[test]
fn missing_workspaces_are_created() {
    let entry = entry(&preset(1, 3), &[(10, NOON)]);
    assert_eq!(entry.actions, [create(2)]);
    assert_eq!(entry.reason, "3 desired, 1 running: create 2");
}

#[test]
fn a_full_pool_has_an_entry_without_actions() {
    let entry = entry(&preset(1, 1), &[(10, NOON)]);
    assert_eq!(entry.actions, []);
    assert_eq!(entry.reason, "1 desired, 1 running: nothing to do");
    let expected = State {
        actual: 1,
        desired: 1,
        eligible: 1,
        ..State::default()
    };
    assert_eq!(entry.state, expected);
}

#[test]
fn the_oldest_surplus_is_deleted_and_ties_go_by_id() {
    let entry = entry(
        &preset(1, 1),
        &[
            (12, "2026-03-04T10:00:00Z"),
            (11, "2026-03-04T10:00:00Z"),
            (10, NOON),
        ],
    );
    assert_eq!(entry.actions, [delete(DeleteReason::Extraneous, &[11, 12])]);
    assert_eq!(entry.state.extraneous, 2);
}

#[test]
fn a_negative_wanted_number_counts_as_zero_and_is_reported() {
    let entry = entry(&preset(1, -4), &[(10, NOON)]);
    assert_eq!(entry.state.desired, 0);
    assert_eq!(entry.actions, [delete(DeleteReason::Extraneous, &[10])]);
    assert_eq!(entry.diagnostics[0].code, "negative_desired_instances");
}

#[test]
fn starting_builds_count_towards_the_wanted_number_but_make_nothing_surplus() {
    let preset = preset(1, 3);
    for (starting, actions) in [(1, vec![create(1)]), (2, vec![]), (9, vec![])] {
        let mut snapshot = snapshot(vec![preset.clone()]);
        snapshot.running = vec![running(10, &preset, NOON)];
        snapshot.in_progress = vec![
            in_progress(&preset, Transition::Start, starting),
            in_progress(&preset, Transition::Stop, 4),
            in_progress(&preset, Transition::Delete, 5),
        ];
        let entry = only(plan_checked(&snapshot));
        assert_eq!(entry.actions, actions, "{starting} starting");
        assert_eq!((entry.state.stopping, entry.state.deleting), (4, 5));
    }
}

#[test]
fn a_workspace_expires_strictly_after_its_ttl() {
    let mut preset = preset(1, 1);
    for (ttl, created, expired) in [
        (Some(60), "2026-03-04T11:59:00Z", 0),
        (Some(60), "2026-03-04T11:58:59.999999Z", 1),
        (Some(0), "2020-01-01T00:00:00Z", 0),
        (Some(-60), "2020-01-01T00:00:00Z", 0),
        (Some(i64::MAX), "2020-01-01T00:00:00Z", 0),
        (None, "2020-01-01T00:00:00Z", 0),
    ] {
        preset.ttl_secs = ttl;
        let entry = entry(&preset, &[(10, created)]);
        assert_eq!(
            entry.state.expired, expired,
            "ttl {ttl:?}, created {created}"
        );
    }
}

#[test]
fn a_workspace_created_strictly_before_the_invalidation_expires() {
    let mut preset = preset(1, 1);
    preset.last_invalidated_at = Some(at("2026-03-04T11:00:00Z"));
    assert_eq!(
        entry(&preset, &[(10, "2026-03-04T11:00:00Z")])
            .state
            .expired,
        0
    );
    assert_eq!(
        entry(&preset, &[(10, "2026-03-04T10:59:59.999999Z")])
            .state
            .expired,
        1
    );
}

#[test]
fn expired_are_replaced_in_the_same_plan() {
    let mut preset = preset(1, 2);
    preset.ttl_secs = Some(60);
    let entry = entry(
        &preset,
        &[
            (10, "2026-03-04T11:00:00Z"),
            (11, "2026-03-04T10:00:00Z"),
            (12, NOON),
        ],
    );
    assert_eq!(
        entry.actions,
        [delete(DeleteReason::Expired, &[11, 10]), create(1)]
    );
    assert_eq!(
        entry.reason,
        "2 desired, 3 running of which 2 expired: delete 2 expired, create 1"
    );
    assert_eq!(entry.state.eligible, 1);
}

#[test]
fn expired_and_surplus_are_deleted_by_separate_actions() {
    let mut preset = preset(1, 1);
    preset.ttl_secs = Some(3600);
    let entry = entry(
        &preset,
        &[
            (10, "2026-03-04T10:00:00Z"),
            (11, "2026-03-04T11:10:00Z"),
            (12, "2026-03-04T11:20:00Z"),
        ],
    );
    assert_eq!(
        entry.actions,
        [
            delete(DeleteReason::Expired, &[10]),
            delete(DeleteReason::Extraneous, &[11])
        ]
    );
}

#[test]
fn only_ready_unexpired_workspaces_are_eligible() {
    let preset = preset(1, 2);
    let mut snapshot = snapshot(vec![preset.clone()]);
    let unready = RunningPrebuild {
        ready: false,
        ..running(11, &preset, NOON)
    };
    snapshot.running = vec![running(10, &preset, NOON), unready];
    assert_eq!(only(plan_checked(&snapshot)).state.eligible, 1);
}

#[test]
fn an_inactive_preset_is_emptied_expired_or_not_after_its_builds_are_cancelled() {
    type Edit = fn(&mut Preset);
    let edits: [(Edit, &str); 3] = [
        (
            |p| p.using_active_version = false,
            "version \"v1\" is not the template's active one",
        ),
        (|p| p.deleted = true, "the template is deleted"),
        (|p| p.deprecated = true, "the template is deprecated"),
    ];
    for (edit, cause) in edits {
        let mut preset = preset(1, 5);
        preset.ttl_secs = Some(60);
        edit(&mut preset);
        let mut snapshot = snapshot(vec![preset.clone()]);
        snapshot.running = vec![
            running(10, &preset, NOON),
            running(11, &preset, "2026-03-01T00:00:00Z"),
        ];
        snapshot.pending = vec![pending(&preset, 3)];
        // Schedules of a preset without a pool are not looked at.
        snapshot.schedules = vec![schedule(20, &preset, "nonsense", 9)];
        let plan = plan_checked(&snapshot);
        let expected = Summary {
            presets: 1,
            delete: 2,
            cancel_pending: 3,
            ..Summary::default()
        };
        assert_eq!(plan.summary, expected);
        let entry = only(plan);
        assert_eq!(
            entry.actions,
            [
                Action::CancelPending { count: 3 },
                delete(DeleteReason::Inactive, &[11, 10])
            ]
        );
        assert_eq!(
            entry.state,
            State {
                actual: 2,
                expired: 1,
                ..State::default()
            }
        );
        assert_eq!(entry.diagnostics, []);
        assert_eq!(
            entry.reason,
            format!("{cause}, 2 running: cancel 3 pending, delete 2 inactive")
        );
    }
}

#[test]
fn an_inactive_preset_without_anything_left_needs_nothing() {
    let mut preset = preset(1, 5);
    preset.deleted = true;
    assert_eq!(
        entry(&preset, &[]).reason,
        "the template is deleted, 0 running: nothing to do"
    );
}

#[test]
fn pending_builds_of_workspaces_with_another_owner_are_said_and_not_cancelled() {
    let mut retired = preset(1, 5);
    retired.using_active_version = false;
    let mut snapshot = snapshot(vec![retired.clone()]);
    for (transferred, own) in [(3, 0), (2, 1)] {
        snapshot.pending = vec![Pending {
            transferred,
            ..pending(&retired, 3)
        }];
        let plan = plan_checked(&snapshot);
        assert_eq!(plan.summary.cancel_pending, own);
        assert_eq!(plan.has_changes, own > 0);
        let codes = plan.presets[0]
            .diagnostics
            .iter()
            .map(|it| it.code.as_str());
        assert_eq!(codes.collect::<Vec<_>>(), ["pending_transferred"]);
    }
}

#[test]
fn presets_out_of_use_of_which_nothing_is_left_are_passed_over() {
    let mut preset = preset(1, 5);
    let of = |preset: &Preset, change: fn(&mut Snapshot, &Preset)| {
        let mut snapshot = snapshot(vec![preset.clone()]);
        change(&mut snapshot, preset);
        state::passed_over(&snapshot).contains(&preset.id)
    };
    assert!(!of(&preset, |_, _| ()));
    preset.deprecated = true;
    assert!(of(&preset, |_, _| ()));
    let left: [fn(&mut Snapshot, &Preset); 3] = [
        |snapshot, preset| snapshot.running.push(running(1, preset, NOON)),
        |snapshot, preset| snapshot.pending.push(pending(preset, 1)),
        |snapshot, preset| snapshot.backoffs.push(backoff(preset, 1, NOON)),
    ];
    for change in left {
        assert!(!of(&preset, change));
    }
}

#[test]
fn pending_builds_of_an_active_preset_are_left_alone() {
    let preset = preset(1, 0);
    let mut snapshot = snapshot(vec![preset.clone()]);
    snapshot.pending = vec![pending(&preset, 3)];
    assert_eq!(only(plan_checked(&snapshot)).actions, []);
}

#[test]
fn a_paused_snapshot_gets_all_actions_and_no_changes() {
    let mut snapshot = snapshot(vec![preset(1, 2), preset(2, 0)]);
    snapshot.reconciliation_paused = true;
    let plan = plan_checked(&snapshot);
    assert_eq!((plan.has_changes, plan.summary.create), (false, 2));
    assert_eq!(
        plan.presets[0].reason,
        "2 desired, 0 running: create 2; reconciliation is paused, so nothing is carried out"
    );
    assert_eq!(
        plan.presets[1].reason,
        "0 desired, 0 running: nothing to do; reconciliation is paused"
    );
}

#[test]
fn rows_of_presets_that_the_snapshot_does_not_hold_are_ignored() {
    let (known, unknown) = (preset(1, 0), preset(2, 7));
    let mut snapshot = snapshot(vec![known.clone()]);
    let unassigned = RunningPrebuild {
        preset_id: None,
        ..running(11, &known, NOON)
    };
    snapshot.running = vec![running(10, &unknown, NOON), unassigned];
    snapshot.in_progress = vec![in_progress(&unknown, Transition::Start, 1)];
    snapshot.pending = vec![pending(&unknown, 1)];
    snapshot.backoffs = vec![backoff(&unknown, 1, NOON)];
    snapshot.hard_limited = vec![hard_limited(&unknown)];
    let plan = plan_checked(&snapshot);
    assert_eq!(
        plan.summary,
        Summary {
            presets: 1,
            ..Summary::default()
        }
    );
    assert_eq!(only(plan).state, State::default());
}

#[test]
fn counts_of_one_preset_add_up_without_overflow() {
    let preset = preset(1, i64::MAX);
    let mut snapshot = snapshot(vec![preset.clone()]);
    snapshot.in_progress = vec![
        in_progress(&preset, Transition::Start, i64::MAX),
        in_progress(&preset, Transition::Start, i64::MAX),
        in_progress(&preset, Transition::Start, i64::MIN),
    ];
    let entry = only(plan_checked(&snapshot));
    assert_eq!((entry.state.starting, entry.actions), (i64::MAX, vec![]));
}

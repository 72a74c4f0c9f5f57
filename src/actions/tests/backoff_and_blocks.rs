//! Back-offs after failures, and what keeps creates from being carried out.

use chrono::TimeDelta;

use super::*;

#[test]
fn failures_make_a_preset_rest_until_the_last_instant_of_the_back_off() {
    let preset = preset(1, 5);
    for (failed, last_build_at, rests) in [
        (3, "2026-03-04T11:57:00Z", true),
        (3, "2026-03-04T11:56:59.999999Z", false),
        (0, NOON, false),
        (-3, NOON, false),
    ] {
        let mut snapshot = snapshot(vec![preset.clone()]);
        snapshot.running = vec![running(10, &preset, NOON)];
        snapshot.backoffs = vec![backoff(&preset, failed, last_build_at)];
        let plan = plan_checked(&snapshot);
        assert_eq!(
            plan.summary.backoff,
            i64::from(rests),
            "{failed} {last_build_at}"
        );
        assert_eq!(plan.has_changes, !rests);
        let entry = only(plan);
        if rests {
            assert_eq!(
                entry.actions,
                [Action::Backoff {
                    until: at(NOON),
                    failed: 3
                }]
            );
            assert_eq!(
                entry.reason,
                "5 desired, 1 running: 3 builds failed lately, so nothing is done until \
                 2026-03-04T12:00:00Z"
            );
        } else {
            assert_eq!(entry.actions, [create(4)]);
        }
    }
}

#[test]
fn an_inactive_preset_rests_too() {
    let mut preset = preset(1, 5);
    preset.using_active_version = false;
    let mut snapshot = snapshot(vec![preset.clone()]);
    snapshot.running = vec![running(10, &preset, NOON)];
    snapshot.backoffs = vec![backoff(&preset, 1, NOON)];
    let actions = only(plan_checked(&snapshot)).actions;
    assert_eq!(
        actions,
        [Action::Backoff {
            until: at("2026-03-04T12:01:00Z"),
            failed: 1
        }]
    );
}

#[test]
fn a_back_off_without_end_stops_at_the_last_instant_of_year_9999() {
    let preset = preset(1, 1);
    let mut snapshot = snapshot(vec![preset.clone()]);
    snapshot.backoffs = vec![backoff(&preset, i64::MAX, NOON)];
    for interval in [TimeDelta::minutes(1), TimeDelta::MAX] {
        let plan = plan(
            &snapshot,
            &Tuning {
                backoff_interval: interval,
                ..TUNING
            },
            at(NOON),
        );
        let [Action::Backoff { until, .. }] = plan.presets[0].actions[..] else {
            panic!()
        };
        assert_eq!(time::format(&until), "9999-12-31T23:59:59.999999Z");
    }
}

#[test]
fn a_negative_interval_does_not_end_a_back_off_before_its_build() {
    let preset = preset(1, 1);
    let mut snapshot = snapshot(vec![preset.clone()]);
    snapshot.backoffs = vec![backoff(&preset, 2, NOON)];
    let tuning = Tuning {
        backoff_interval: TimeDelta::MIN,
        ..TUNING
    };
    let plan = plan(&snapshot, &tuning, at(NOON));
    assert_eq!(
        plan.presets[0].actions,
        [Action::Backoff {
            until: at(NOON),
            failed: 2
        }]
    );
}

#[test]
fn a_preset_with_a_time_beyond_the_documents_is_left_alone() {
    let preset = preset(1, 3);
    let beyond = at("9999-12-31T23:59:59.999999Z");
    let mark = |snapshot: &mut Snapshot| snapshot.presets[0].last_invalidated_at = Some(beyond);
    let left = |snapshot: &mut Snapshot, created_at, last_build_at| {
        let mut row = leftover(9, &snapshot.presets[0], Some(JobStatus::Failed));
        (row.created_at, row.last_build_at) = (created_at, Some(last_build_at));
        snapshot.leftovers = vec![row];
    };
    let workspace = |snapshot: &mut Snapshot| left(snapshot, beyond, at(NOON));
    let build = |snapshot: &mut Snapshot| left(snapshot, at(NOON), at("0000-01-01T00:00:00Z"));
    type Case<'a> = (&'a dyn Fn(&mut Snapshot), &'a str);
    let cases: [Case<'_>; 3] = [
        (
            &mark,
            "template_version_presets.last_invalidated_at of preset",
        ),
        (&workspace, "workspaces.created_at of workspace"),
        (
            &build,
            "workspace_builds.created_at of the newest build of workspace",
        ),
    ];
    for (make, row) in cases {
        let mut snapshot = snapshot(vec![preset.clone()]);
        snapshot.running = vec![running(2, &preset, NOON)];
        make(&mut snapshot);
        let entry = plan_checked(&snapshot).presets.remove(0);
        assert_eq!(entry.actions, []);
        assert_eq!(entry.diagnostics[0].code, "unreadable_time");
        assert!(entry.diagnostics[0].message.starts_with(row), "{entry:?}");
        let why = ": left alone because of a time";
        assert!(entry.reason.contains(why), "{entry:?}");
    }
}

#[test]
fn a_preset_with_an_unknown_label_is_left_alone() {
    let of_status = |snapshot: &mut Snapshot| {
        snapshot.presets[0].prebuild_status = PrebuildStatus::Unknown;
    };
    let of_build = |snapshot: &mut Snapshot| {
        let preset = snapshot.presets[0].clone();
        snapshot.in_progress = vec![in_progress(&preset, Transition::Unknown, 1)];
    };
    let of_job = |snapshot: &mut Snapshot| {
        let preset = snapshot.presets[0].clone();
        snapshot.leftovers = vec![leftover(9, &preset, Some(JobStatus::Unknown))];
    };
    let cases: [&dyn Fn(&mut Snapshot); 3] = [&of_status, &of_build, &of_job];
    for unknown in cases {
        for active in [true, false] {
            let mut preset = preset(1, 3);
            preset.using_active_version = active;
            let mut snapshot = snapshot(vec![preset.clone()]);
            snapshot.running = vec![running(2, &preset, NOON)];
            snapshot.backoffs = vec![backoff(&preset, 2, NOON)];
            unknown(&mut snapshot);
            let plan = plan_checked(&snapshot);
            let entry = &plan.presets[0];
            assert_eq!(entry.actions, []);
            assert_eq!(entry.diagnostics[0].code, "unknown_label");
            assert!(entry.reason.contains(": left alone because"), "{entry:?}");
        }
    }
}

#[test]
fn a_block_keeps_the_create_in_the_plan_but_changes_nothing() {
    for (limited, status, block) in [
        (true, PrebuildStatus::Healthy, Some(Block::HardLimited)),
        (
            true,
            PrebuildStatus::ValidationFailed,
            Some(Block::HardLimited),
        ),
        (
            false,
            PrebuildStatus::ValidationFailed,
            Some(Block::ValidationFailed),
        ),
        // What counts is the snapshot's list, not what was stored earlier.
        (false, PrebuildStatus::HardLimited, None),
    ] {
        let mut preset = preset(1, 2);
        preset.prebuild_status = status;
        let mut snapshot = snapshot(vec![preset.clone()]);
        snapshot
            .hard_limited
            .extend(limited.then(|| hard_limited(&preset)));
        let plan = plan_checked(&snapshot);
        let blocked = if block.is_some() { 2 } else { 0 };
        assert_eq!(
            (plan.summary.blocked, plan.summary.create),
            (blocked, 2 - blocked)
        );
        assert_eq!(plan.has_changes, block.is_none());
        let entry = only(plan);
        assert_eq!(entry.hard_limited, limited);
        assert_eq!(
            entry.actions,
            [Action::Create {
                count: 2,
                blocked_by: block
            }]
        );
        let explained = match block {
            Some(Block::HardLimited) => "its newest builds all failed",
            Some(Block::ValidationFailed) => {
                "it can't make a valid build; fix the parameters or tags"
            }
            None => "create 2",
        };
        assert!(entry.reason.contains(explained), "{}", entry.reason);
    }
}

#[test]
fn a_block_does_not_hold_back_deletes() {
    let mut preset = preset(1, 1);
    preset.ttl_secs = Some(60);
    preset.prebuild_status = PrebuildStatus::ValidationFailed;
    let actions = entry(&preset, &[(10, "2026-03-04T10:00:00Z")]).actions;
    assert_eq!(actions[0], delete(DeleteReason::Expired, &[10]));
}

//! What limits refuse, put off and leave alone.

use proptest::prelude::*;

use super::*;
use crate::actions::testing::*;
use crate::actions::{check, plan};
use crate::model::{JobStatus, Preset, Transition};

fn in_flight(number: i64) -> Limits {
    Limits {
        max_in_flight: Some(number),
        ..Limits::default()
    }
}

/// A pool for each pair of desired and running workspaces.
fn pools(pools: &[(i64, u128)]) -> Snapshot {
    let presets: Vec<Preset> = (1..)
        .zip(pools)
        .map(|(n, (desired, _))| preset(n, *desired))
        .collect();
    let mut snapshot = snapshot(presets);
    for ((n, (_, present)), preset) in (1u128..).zip(pools).zip(&snapshot.presets) {
        snapshot
            .running
            .extend((0..*present).map(|m| running(n * 1000 + m, preset, NOON)));
    }
    snapshot
}

/// The creates that are left for each pool, and how many were put off.
fn shared(snapshot: &Snapshot, slots: i64) -> (Vec<i64>, i64) {
    let limited = limit(
        plan_checked(snapshot),
        snapshot,
        super::in_flight(snapshot),
        &in_flight(slots),
    )
    .unwrap();
    check::check(&limited.plan, snapshot).unwrap();
    let creates = |actions: &[Action]| match actions.last() {
        Some(Action::Create { count, .. }) => *count,
        _ => 0,
    };
    let counts = limited
        .plan
        .presets
        .iter()
        .map(|preset| creates(&preset.actions))
        .collect();
    (counts, limited.deferred)
}

#[test]
fn without_limits_the_plan_stays_as_it_is() {
    let snapshot = pools(&[(5, 0), (0, 2)]);
    let plan = plan_checked(&snapshot);
    for limits in [Limits::default(), in_flight(7), in_flight(i64::MAX)] {
        let limited = limit(
            plan.clone(),
            &snapshot,
            super::in_flight(&snapshot),
            &limits,
        )
        .unwrap();
        assert_eq!(
            limited,
            LimitedPlan {
                plan: plan.clone(),
                deferred: 0,
                refused: Vec::new(),
            }
        );
    }
}

#[test]
fn a_plan_over_a_limit_is_refused_whole_with_the_flag_and_the_excess() {
    let snapshot = pools(&[(5, 0), (0, 2)]);
    let plan = plan_checked(&snapshot);
    let refusal = |max_create, max_delete| {
        let limits = Limits {
            max_create,
            max_delete: Some(SizeLimit::Number(max_delete)),
            max_in_flight: None,
            ..Limits::default()
        };
        let result = limit(
            plan.clone(),
            &snapshot,
            super::in_flight(&snapshot),
            &limits,
        );
        result.err().map(|error| error.to_string())
    };
    assert_eq!(refusal(Some(5), 2), None);
    assert_eq!(
        refusal(Some(3), 2).unwrap(),
        "the plan creates 5 workspaces, 2 more than --max-create 3 allows; raise the limit if that \
         is meant"
    );
    assert_eq!(
        refusal(None, -1).unwrap(),
        "the plan deletes 2 workspaces, 2 more than --max-delete 0 allows; raise the limit if that \
         is meant"
    );
}

#[test]
fn a_plan_that_creates_more_than_any_deployment_has_needs_a_limit_of_its_own() {
    let snapshot = pools(&[(i64::from(i32::MAX), 0)]);
    let refused = |max_create| {
        let limits = Limits {
            max_create,
            ..Limits::default()
        };
        limit(plan_checked(&snapshot), &snapshot, 0, &limits).is_err()
    };
    assert!(refused(None));
    assert!(!refused(Some(i64::from(i32::MAX))));
    let most = pools(&[(MAX_CREATE, 0)]);
    assert!(limit(plan_checked(&most), &most, 0, &Limits::default()).is_ok());
}

/// Why a plan for these pools is refused when it may delete this percentage.
fn refusal(sizes: &[(i64, u128)], percent: u8) -> Option<String> {
    let snapshot = pools(sizes);
    let limits = Limits {
        max_delete: Some(SizeLimit::Percent(percent)),
        ..Limits::default()
    };
    let result = limit(
        plan_checked(&snapshot),
        &snapshot,
        super::in_flight(&snapshot),
        &limits,
    );
    result.err().map(|error| error.to_string())
}

#[test]
fn a_percentage_is_of_all_that_run_in_the_pools_of_the_plan() {
    // Seven of twenty.
    let sizes = [(13, 13), (0, 7)];
    assert_eq!(refusal(&sizes, 35), None);
    assert_eq!(
        refusal(&sizes, 34).unwrap(),
        "the plan deletes 7 workspaces, 1 more than --max-delete 34% of 20 allows; raise the limit \
         if that is meant"
    );
    assert_eq!(
        refusal(&sizes, 20).unwrap(),
        "the plan deletes 7 workspaces, 3 more than --max-delete 20% of 20 allows; raise the limit \
         if that is meant"
    );
    assert_eq!(
        refusal(&[(0, 1)], 99).unwrap(),
        "the plan deletes 1 workspace, 1 more than --max-delete 99% of 1 allows; raise the limit \
         if that is meant"
    );
}

#[test]
fn a_percentage_refuses_nothing_where_nothing_is_deleted_and_all_of_it_is_always_allowed() {
    assert_eq!(refusal(&[], 0), None);
    assert_eq!(refusal(&[(9, 0), (3, 3)], 0), None);
    assert_eq!(refusal(&[(0, 9)], 100), None);
}

/// Two templates: one whose version is superseded, with so many members of the old one, and one of so many
/// running where so many are wanted.
fn pushed(old: u128, other: (i64, u128)) -> Snapshot {
    let mut snapshot = pools(&[(0, old), (1, 0), other]);
    for (preset, template) in snapshot.presets.iter_mut().zip([1, 1, 2]) {
        preset.template_id = id(9_100 + template);
        preset.template_name = format!("t{template}");
    }
    snapshot.presets[0].using_active_version = false;
    snapshot
}

fn within(limits: Limits, snapshot: &Snapshot) -> Result<LimitedPlan, String> {
    let limited = limit(plan_checked(snapshot), snapshot, 0, &limits);
    limited.map_err(|over| over.to_string())
}

#[test]
fn members_of_superseded_versions_count_neither_as_deletes_nor_as_running() {
    let max_delete = |limit| Limits {
        max_delete: Some(limit),
        ..Limits::default()
    };
    let limited = within(max_delete(SizeLimit::Number(0)), &pushed(12, (3, 3))).unwrap();
    assert_eq!(limited.plan.summary.delete, 12);
    let refused = within(max_delete(SizeLimit::Percent(50)), &pushed(12, (1, 4)));
    assert_eq!(
        refused.unwrap_err(),
        "the plan deletes 3 workspaces besides 12 of superseded versions, 1 more than --max-delete 50% of 4 \
         allows; raise the limit if that is meant"
    );
    // A template that is deleted is no push.
    let mut gone = pushed(2, (0, 0));
    for preset in &mut gone.presets[..2] {
        preset.deleted = true;
    }
    assert!(within(max_delete(SizeLimit::Number(1)), &gone).is_err());
}

#[test]
fn limits_for_each_template_leave_out_only_those_that_are_over() {
    let limits = |max_create, max_delete| Limits {
        max_create: Some(max_create),
        max_delete: Some(SizeLimit::Number(max_delete)),
        per_template: true,
        ..Limits::default()
    };
    let snapshot = pushed(5, (1, 4));
    let limited = within(limits(1, 2), &snapshot).unwrap();
    let refused: Vec<(usize, String)> = limited
        .refused
        .iter()
        .map(|(place, over)| (*place, over.to_string()))
        .collect();
    let sentence = "template acme/t2 deletes 3 workspaces, 1 more than --max-delete 2 allows; raise the limit if \
                    that is meant";
    assert_eq!(refused, [(2, sentence.to_owned())]);
    let summary = limited.plan.summary;
    assert_eq!((summary.create, summary.delete), (1, 5));
    assert_eq!(limited.plan.presets[2].actions, []);

    // Each of them is within, though both together are over.
    let together = pushed(0, (1, 0));
    assert_eq!(within(limits(1, 0), &together).unwrap().refused, []);
    // With none within the limits, the plan is refused.
    let none = within(limits(0, 0), &snapshot).unwrap_err();
    assert!(
        none.starts_with("template acme/t1 creates 1 workspace, 1 more than"),
        "{none}"
    );
}

#[test]
fn max_create_judges_the_plan_before_creates_are_put_off() {
    let snapshot = pools(&[(5, 0)]);
    let limits = Limits {
        max_create: Some(3),
        max_in_flight: Some(1),
        max_delete: None,
        ..Limits::default()
    };
    assert!(
        limit(
            plan_checked(&snapshot),
            &snapshot,
            super::in_flight(&snapshot),
            &limits
        )
        .is_err()
    );
}

#[test]
fn jobs_and_deletes_take_slots_and_deletes_are_never_put_off() {
    let mut snapshot = pools(&[(9, 0), (0, 2)]);
    let other = preset(77, 0);
    snapshot.in_progress = vec![
        in_progress(&snapshot.presets[0], Transition::Start, 1),
        in_progress(&other, Transition::Stop, 2),
    ];
    snapshot.leftovers = vec![
        leftover(1, &other, Some(JobStatus::Pending)),
        leftover(2, &other, Some(JobStatus::Running)),
        leftover(3, &other, Some(JobStatus::Failed)),
        leftover(4, &other, None),
    ];
    // Five jobs and two deletes.
    assert_eq!(shared(&snapshot, 10), (vec![3, 0], 5));
    assert_eq!(shared(&snapshot, 7), (vec![0, 0], 8));
    let plan = limit(
        plan_checked(&snapshot),
        &snapshot,
        super::in_flight(&snapshot),
        &in_flight(0),
    )
    .unwrap()
    .plan;
    assert_eq!(
        (plan.summary.create, plan.summary.delete, plan.has_changes),
        (0, 2, true)
    );
    assert_eq!(plan.presets[0].actions, []);
}

#[test]
fn what_is_put_off_is_explained() {
    let snapshot = pools(&[(5, 1)]);
    let limited = limit(
        plan_checked(&snapshot),
        &snapshot,
        super::in_flight(&snapshot),
        &in_flight(1),
    )
    .unwrap();
    assert_eq!(
        limited.plan.presets[0].reason,
        "5 desired, 1 running: create 4; 3 of these 4 are put off by --max-in-flight"
    );
    let nothing = limit(
        plan_checked(&snapshot),
        &snapshot,
        super::in_flight(&snapshot),
        &in_flight(0),
    )
    .unwrap();
    assert!(!nothing.plan.has_changes);
}

#[test]
fn slots_go_to_the_emptiest_pool_first_and_ties_to_the_first() {
    assert_eq!(shared(&pools(&[(4, 0), (4, 0)]), 3), (vec![2, 1], 5));
    // Half full against empty: the empty one catches up first.
    assert_eq!(shared(&pools(&[(4, 2), (4, 0)]), 2), (vec![0, 2], 4));
    assert_eq!(shared(&pools(&[(4, 2), (4, 0)]), 3), (vec![1, 2], 3));
    // Ten times the size gets ten times the slots.
    assert_eq!(shared(&pools(&[(10, 0), (100, 0)]), 22), (vec![2, 20], 88));
}

#[test]
fn blocked_creates_take_no_slots() {
    let mut snapshot = pools(&[(4, 0), (4, 0)]);
    snapshot.hard_limited = vec![hard_limited(&snapshot.presets[0])];
    assert_eq!(shared(&snapshot, 4), (vec![4, 4], 0));
    assert_eq!(shared(&snapshot, 1), (vec![4, 1], 3));
}

#[test]
fn a_limit_of_deletes_is_a_number_or_a_percentage_up_to_a_hundred() {
    for (text, expected) in [
        ("0", SizeLimit::Number(0)),
        ("7", SizeLimit::Number(7)),
        ("9223372036854775807", SizeLimit::Number(i64::MAX)),
        ("0%", SizeLimit::Percent(0)),
        ("20%", SizeLimit::Percent(20)),
        ("100%", SizeLimit::Percent(100)),
    ] {
        assert_eq!(text.parse(), Ok(expected), "{text}");
    }
}

#[test]
fn anything_else_is_refused() {
    for text in [
        "",
        "%",
        "abc",
        "-1",
        "1.5",
        "-1%",
        "1.5%",
        "101%",
        "256%",
        "20 %",
        " 20%",
        "20%%",
        "%20",
        "0x10",
        "9223372036854775808",
        "99999999999999999999%",
        "٣%",
    ] {
        assert_eq!(text.parse::<SizeLimit>(), Err(NotALimit), "{text:?}");
    }
}

#[test]
fn a_percentage_is_of_what_is_running_and_rounded_down() {
    let allowed = |percent, running| SizeLimit::Percent(percent).of(running);
    assert_eq!(allowed(20, 20), 4);
    assert_eq!(allowed(20, 24), 4);
    assert_eq!(allowed(20, 25), 5);
    assert_eq!(allowed(99, 1), 0);
    assert_eq!(allowed(0, 1_000), 0);
    assert_eq!(allowed(100, 7), 7);
    assert_eq!(allowed(50, 0), 0);
    assert_eq!(allowed(100, i64::MAX), i64::MAX);
    assert_eq!(allowed(20, -5), 0);
}

#[test]
fn a_number_is_the_same_whatever_is_running() {
    assert_eq!(SizeLimit::Number(3).of(0), 3);
    assert_eq!(SizeLimit::Number(-3).of(100), 0);
}

proptest! {
    #[test]
    fn sharing_is_giving_one_slot_after_the_other(
        sizes in prop::collection::vec((0..12i64, 0..12u128), 0..6), slots in 0..40i64,
    ) {
        let snapshot = pools(&sizes);
        let plan = plan(&snapshot, &TUNING, at(NOON));
        let free = (slots - plan.summary.delete).max(0);

        let mut naive = vec![0; sizes.len()];
        for _ in 0..free {
            let hungry = (0..sizes.len()).filter(|n| {
                i64::try_from(sizes[*n].1).unwrap() + naive[*n] < sizes[*n].0
            });
            let Some(emptiest) = hungry.min_by(|a, b| {
                let present = |n: usize| i64::try_from(sizes[n].1).unwrap() + naive[n];
                (present(*a) * sizes[*b].0).cmp(&(present(*b) * sizes[*a].0))
            }) else { break };
            naive[emptiest] += 1;
        }
        let granted: i64 = naive.iter().sum();
        prop_assert_eq!(shared(&snapshot, slots), (naive, plan.summary.create - granted));
    }
}

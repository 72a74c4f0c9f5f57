//! What holds of the calculation whatever the snapshot.

use std::collections::HashSet;

use chrono::TimeDelta;
use proptest::prelude::*;

use super::testing::*;
use super::*;
use crate::model::document::{read_plan, read_snapshot, to_json, to_json_line};
use crate::model::{JobStatus, PresetPlan, RunningPrebuild, Scaled, Transition, time};

const EXPRESSIONS: [&str; 9] = [
    "* * * * *",
    "* 9-18 * * 1-5",
    "* 12 * * *",
    "* 0-11 * * *",
    "* * 4 * 1",
    "* * * mar wed",
    "0 9 * * *",
    "* 25 * * *",
    "* 12 * 0 *",
];

/// The number of a preset: mostly one of the snapshot's, sometimes one it does not hold.
fn owner() -> impl Strategy<Value = Option<u128>> {
    prop_oneof![8 => (1..5u128).prop_map(Some), 1 => Just(Some(77)), 1 => Just(None)]
}

/// Minutes before noon.
fn moment() -> impl Strategy<Value = Time> {
    (0..120i64).prop_map(|minutes| at(NOON) - TimeDelta::minutes(minutes))
}

/// Ordinary numbers, or any at all.
fn number(extreme: bool) -> BoxedStrategy<i64> {
    if extreme {
        prop_oneof![Just(i64::MIN), Just(i64::MAX), any::<i64>(), 0..5i64].boxed()
    } else {
        (-1..6i64).boxed()
    }
}

/// Ordinary instants, or any that a document can hold.
fn instant(extreme: bool) -> BoxedStrategy<Time> {
    if !extreme {
        return moment().boxed();
    }
    let (first, last) = (
        at("0000-01-01T00:00:00Z"),
        at("9999-12-31T23:59:59.999999Z"),
    );
    prop_oneof![
        Just(first),
        Just(last),
        (first.timestamp_micros()..=last.timestamp_micros())
            .prop_map(|micros| Time::from_timestamp_micros(micros).unwrap()),
    ]
    .boxed()
}

fn a_preset(n: u128, extreme: bool) -> impl Strategy<Value = Preset> {
    let flags = (
        prop::bool::weighted(0.8),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
    );
    let zone = prop::sample::select(vec!["UTC", "Europe/Berlin", "Asia/Tokyo", "", "nowhere"]);
    let status = prop::sample::select(vec![
        PrebuildStatus::Healthy,
        PrebuildStatus::HardLimited,
        PrebuildStatus::ValidationFailed,
    ]);
    let ttl = if extreme {
        number(true)
    } else {
        (-1..5000i64).boxed()
    };
    (
        flags,
        number(extreme),
        prop::option::of(ttl),
        zone,
        status,
        prop::option::of(instant(extreme)),
        prop::option::of((number(extreme), instant(extreme))),
    )
        .prop_map(
            move |(
                (active, deleted, deprecated),
                desired,
                ttl,
                zone,
                status,
                invalidated,
                scaled,
            )| {
                Preset {
                    using_active_version: active,
                    deleted,
                    deprecated,
                    ttl_secs: ttl,
                    scheduling_timezone: zone.to_owned(),
                    prebuild_status: status,
                    last_invalidated_at: invalidated,
                    scaled: scaled.map(|(desired_instances, until)| Scaled {
                        desired_instances,
                        until,
                    }),
                    ..preset(n, desired)
                }
            },
        )
}

fn numbered<T: std::fmt::Debug>(
    row: impl Strategy<Value = T>,
    most: usize,
) -> impl Strategy<Value = Vec<T>> {
    prop::collection::vec(row, 0..=most)
}

/// Four presets with rows of every kind. No document forbids any of them, except that counts are
/// negative when `extreme`.
fn a_snapshot(extreme: bool) -> impl Strategy<Value = Snapshot> {
    let presets: Vec<_> = (1..5).map(|n| a_preset(n, extreme)).collect();
    let a_schedule = (
        1..5u128,
        prop::sample::select(EXPRESSIONS.to_vec()),
        number(extreme),
    );
    let transition = prop::sample::select(vec![
        Transition::Start,
        Transition::Stop,
        Transition::Delete,
    ]);
    let count = if extreme {
        number(true)
    } else {
        (0..4i64).boxed()
    };
    let workspace = (owner(), any::<bool>(), instant(extreme));
    (
        any::<bool>(),
        presets,
        numbered(a_schedule, 5),
        numbered(workspace, 16),
        numbered((owner(), transition, count.clone()), 5),
        [count.clone(), count.clone(), count.clone(), count.clone()],
        numbered((1..5u128, count, instant(extreme)), 2),
        prop::collection::hash_set(1..5u128, 0..2),
    )
        .prop_map(
            |(paused, presets, schedules, workspaces, builds, counts, backoffs, limited)| {
                let mut snapshot = snapshot(presets);
                let known = |n: u128| preset(n, 0);
                snapshot.reconciliation_paused = paused;
                snapshot.schedules = (100..)
                    .zip(schedules)
                    .map(|(n, (of, cron, desired))| schedule(n, &known(of), cron, desired))
                    .collect();
                snapshot.running = (200..)
                    .zip(workspaces)
                    .map(|(n, (of, ready, created_at))| RunningPrebuild {
                        preset_id: of.map(id),
                        ready,
                        out_of_contact_since: None,
                        created_at,
                        ..running(n, &known(0), NOON)
                    })
                    .collect();
                snapshot.in_progress = builds
                    .into_iter()
                    .map(|(of, transition, count)| crate::model::InProgress {
                        preset_id: of.map(id),
                        ..in_progress(&known(0), transition, count)
                    })
                    .collect();
                snapshot.pending = (1..5)
                    .zip(counts)
                    .map(|(of, count)| pending(&known(of), count))
                    .collect();
                let mut seen = HashSet::new();
                snapshot.backoffs = backoffs
                    .into_iter()
                    .filter(|(of, ..)| seen.insert(*of))
                    .map(|(of, failed, last_build_at)| Backoff {
                        last_build_at,
                        ..backoff(&known(of), failed, NOON)
                    })
                    .collect();
                snapshot.hard_limited = limited
                    .into_iter()
                    .map(|of| hard_limited(&known(of)))
                    .collect();
                let of = preset(1, 0);
                snapshot.leftovers = vec![
                    leftover(300, &of, Some(JobStatus::Failed)),
                    leftover(301, &of, None),
                ];
                snapshot.leftovers[0].name = "left over\u{202e}".to_owned();
                snapshot
            },
        )
}

/// Carries a plan out as if every one of its builds ended well at once. Builds of earlier passes
/// end too when `all_end`.
fn apply(plan: &Plan, mut snapshot: Snapshot, all_end: bool) -> Snapshot {
    let now = plan.planned_at;
    if plan.reconciliation_paused {
        return snapshot;
    }
    let mut next_id = 1_000_000 + snapshot.running.len() as u128 * 1_000;
    let mut started = Vec::new();
    if all_end {
        for builds in std::mem::take(&mut snapshot.in_progress) {
            if builds.transition == Transition::Start {
                started.extend((0..builds.count).map(|_| builds.preset_id));
            }
        }
    }
    for PresetPlan {
        preset, actions, ..
    } in &plan.presets
    {
        for action in actions {
            match action {
                Action::Create {
                    count,
                    blocked_by: None,
                } => {
                    started.extend((0..*count).map(|_| Some(preset.id)));
                }
                Action::Delete { workspace_ids, .. } => {
                    snapshot
                        .running
                        .retain(|row| !workspace_ids.contains(&row.id));
                }
                Action::CancelPending { .. } => {
                    snapshot.pending.retain(|row| row.preset_id != preset.id);
                }
                Action::Create { .. } | Action::Backoff { .. } => {}
            }
        }
    }
    for preset_id in started {
        next_id += 1;
        snapshot.running.push(RunningPrebuild {
            preset_id,
            created_at: now,
            ..running(next_id, &preset(0, 0), NOON)
        });
    }
    snapshot
}

fn next_plan(plan: &Plan, snapshot: Snapshot, all_end: bool) -> (Plan, Snapshot) {
    let snapshot = apply(plan, snapshot, all_end);
    (plan_checked(&snapshot), snapshot)
}

proptest! {
    #[test]
    fn every_plan_is_sound(snapshot in a_snapshot(false)) {
        plan_checked(&snapshot);
    }

    #[test]
    fn creates_never_exceed_the_desired_instances(snapshot in a_snapshot(false)) {
        for entry in plan_checked(&snapshot).presets {
            for action in entry.actions {
                if let Action::Create { count, .. } = action {
                    prop_assert!(0 < count && count <= entry.state.desired);
                }
            }
        }
    }

    #[test]
    fn no_number_makes_the_calculation_panic_or_overflow(
        snapshot in a_snapshot(true), interval in any::<i64>(), now in instant(true),
        max_in_flight in 0..50i64,
    ) {
        let tuning = Tuning { backoff_interval: TimeDelta::microseconds(interval), ..TUNING };
        let plan = plan(&snapshot, &tuning, now);
        prop_assert_eq!(check::check(&plan, &snapshot), Ok(()));
        let limits = limits::Limits {
            max_create: Some(i64::MAX), max_in_flight: Some(max_in_flight), ..Default::default()
        };
        let limited = limits::limit(plan, &snapshot, limits::in_flight(&snapshot), &limits).unwrap();
        prop_assert_eq!(check::check(&limited.plan, &snapshot), Ok(()));
    }

    #[test]
    fn nothing_is_left_to_do_after_a_plan_whose_builds_end_well(snapshot in a_snapshot(false)) {
        let plan = plan_checked(&snapshot);
        let (next, _) = next_plan(&plan, snapshot, false);
        prop_assert!(!next.has_changes, "{:#?}", next);
    }

    /// Builds that were already under way may end as workspaces beyond the desired instances; these
    /// go with the next plan, and then nothing is left to do.
    #[test]
    fn pools_settle_after_all_builds_have_ended(mut snapshot in a_snapshot(false)) {
        snapshot.reconciliation_paused = false;
        let plan = plan_checked(&snapshot);
        let (next, snapshot) = next_plan(&plan, snapshot, true);
        prop_assert_eq!(next.summary.create, 0);
        let (last, _) = next_plan(&next, snapshot, true);
        prop_assert!(!last.has_changes, "{:#?}", last);
    }

    #[test]
    fn the_order_of_rows_does_not_matter(snapshot in a_snapshot(false), seed in any::<u64>()) {
        let mut shuffled = snapshot.clone();
        let turn = |length: usize| usize::try_from(seed).unwrap() % length.max(1);
        macro_rules! shuffle {
            ($($rows:ident)*) => {$(
                let length = shuffled.$rows.len();
                shuffled.$rows.rotate_left(turn(length));
                if seed % 2 == 0 {
                    shuffled.$rows.reverse();
                }
            )*};
        }
        shuffle!(presets schedules running in_progress pending backoffs hard_limited leftovers);
        let mut plan = plan_checked(&snapshot);
        let mut other = plan_checked(&shuffled);
        plan.presets.sort_by_key(|entry| entry.preset.id);
        other.presets.sort_by_key(|entry| entry.preset.id);
        prop_assert_eq!(plan, other);
        let (mut snapshot, mut shuffled) = (snapshot, shuffled);
        snapshot.sort();
        shuffled.sort();
        prop_assert_eq!(snapshot, shuffled);
    }

    #[test]
    fn documents_come_back_as_they_were(snapshot in a_snapshot(false)) {
        let plan = plan_checked(&snapshot);
        for json in [to_json(&snapshot), to_json_line(&snapshot)] {
            prop_assert_eq!(&read_snapshot(json.as_bytes()).unwrap(), &snapshot);
        }
        for json in [to_json(&plan), to_json_line(&plan)] {
            prop_assert_eq!(&read_plan(json.as_bytes()).unwrap(), &plan);
        }
    }

    #[test]
    fn instants_come_back_as_they_were(time in instant(true)) {
        prop_assert_eq!(time::parse(&time::format(&time)), Ok(time));
    }
}

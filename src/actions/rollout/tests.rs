//! What of a superseded version stays, and for how long.

use proptest::prelude::*;

use super::*;
use crate::actions::plan;
use crate::actions::testing::*;
use crate::model::PresetPlan;

/// A template with a superseded version of `old` members, and an active one with `ready` of `desired`.
fn promoted(old: u128, ready: u128, desired: i64) -> Snapshot {
    let active = preset(1, desired);
    let mut superseded = preset(2, desired);
    superseded.name.clone_from(&active.name);
    superseded.using_active_version = false;
    let mut snapshot = snapshot(vec![active.clone(), superseded.clone()]);
    let members = (0..old).map(|n| running(100 + n, &superseded, NOON));
    snapshot.running.extend(members);
    let replacements = (0..ready).map(|n| running(200 + n, &active, NOON));
    snapshot.running.extend(replacements);
    snapshot
}

fn slowed(snapshot: &Snapshot, max_unavailable: i64) -> SlowedPlan {
    keep_until_ready(plan(snapshot, &TUNING, at(NOON)), snapshot, max_unavailable)
}

#[test]
fn members_of_a_superseded_version_go_as_the_active_one_gets_ready() {
    let deletes = |ready| {
        let SlowedPlan { plan, kept } = slowed(&promoted(3, ready, 3), 0);
        (plan.summary.delete, plan.summary.create, kept)
    };
    assert_eq!(deletes(0), (0, 3, 3));
    assert_eq!(deletes(1), (1, 2, 2));
    assert_eq!(deletes(3), (3, 0, 0));
}

#[test]
fn the_oldest_go_first_and_the_reason_says_how_many_stay() {
    let slowed = slowed(&promoted(3, 0, 3), 1);
    let entry = &slowed.plan.presets[1];
    let Action::Delete { workspace_ids, .. } = &entry.actions[0] else {
        panic!("{entry:?}");
    };
    assert_eq!(workspace_ids, &[id(100)]);
    let end = "; 2 of these 3 stay until the active version's are ready";
    assert!(entry.reason.ends_with(end), "{}", entry.reason);
}

#[test]
fn a_preset_that_the_active_version_no_longer_has_is_emptied_at_once() {
    let mut snapshot = promoted(3, 0, 3);
    snapshot.presets[0].name = "other".to_owned();
    let slowed = slowed(&snapshot, 0);
    assert_eq!((slowed.kept, slowed.plan.summary.delete), (0, 3));
}

#[test]
fn two_superseded_versions_keep_no_more_than_is_lacking() {
    let mut snapshot = promoted(2, 0, 3);
    let mut older = snapshot.presets[1].clone();
    older.id = id(3);
    snapshot
        .running
        .extend((0..4).map(|n| running(300 + n, &older, NOON)));
    snapshot.presets.push(older);
    let slowed = slowed(&snapshot, 0);
    assert_eq!((slowed.kept, slowed.plan.summary.delete), (3, 3));
}

#[test]
fn the_newest_stay_whichever_version_they_are_of() {
    // The older version comes first.
    let mut snapshot = promoted(2, 0, 3);
    let mut older = snapshot.presets[1].clone();
    older.id = id(3);
    let hour = |n: u128| format!("2026-03-04T{:02}:00:00Z", 6 + n);
    let members = (0..4).map(|n| running(300 + n, &older, &hour(n)));
    snapshot.running.extend(members.collect::<Vec<_>>());
    snapshot.presets.insert(1, older);
    let slowed = slowed(&snapshot, 0);
    let deleted: Vec<Uuid> = slowed.plan.presets.iter().flat_map(deleted).collect();
    assert_eq!((slowed.kept, deleted), (3, vec![id(300), id(301), id(302)]));
}

/// Those of a superseded version that are deleted.
fn deleted(entry: &PresetPlan) -> Vec<Uuid> {
    entry
        .actions
        .iter()
        .filter_map(inactive)
        .flatten()
        .copied()
        .collect()
}

proptest! {
    #[test]
    fn what_is_ready_and_what_stays_reach_the_target_if_there_is_enough(
        old in 0u128..20, ready in 0u128..20, desired in 0i64..20, max_unavailable in 0i64..5,
    ) {
        let snapshot = promoted(old, ready, desired);
        let whole = plan(&snapshot, &TUNING, at(NOON));
        let slowed = slowed(&snapshot, max_unavailable);
        let number = |it: u128| i64::try_from(it).unwrap();
        let (old, ready) = (number(old), number(ready));
        let there = ready.min(desired) + slowed.kept;
        let wanted = (desired - max_unavailable).max(0).min(ready.min(desired) + old);
        prop_assert!(there >= wanted);
        prop_assert!(slowed.kept == 0 || there <= desired);
        prop_assert_eq!(slowed.plan.summary.delete + slowed.kept, whole.summary.delete);
        prop_assert_eq!(slowed.plan.summary.create, whole.summary.create);
    }
}

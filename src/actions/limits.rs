//! Keeps a plan within what an administrator allows.
//!
//! Two limits refuse a plan that is larger than expected; the third puts creates off while many
//! builds are under way. A limit never adds anything to a plan, and never puts off a delete.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::actions::total;
use crate::model::{Action, JobStatus, Plan, Snapshot, State};

/// What a plan may do at most. A negative limit counts as 0; none means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Workspaces that a plan may create, before any are put off.
    pub max_create: Option<i64>,
    /// Workspaces that a plan may delete.
    pub max_delete: Option<i64>,
    /// Builds that may be pending or running at once after the plan.
    pub max_in_flight: Option<i64>,
}

/// A plan within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limited {
    /// What is left of the plan.
    pub plan: Plan,
    /// Creates that were put off.
    pub deferred: i64,
}

/// A plan that is larger than it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the plan {verb} {planned} workspaces, {} more than {flag} {limit} allows; raise the limit if \
     that is meant",
    planned.saturating_sub(*limit)
)]
pub struct OverLimit {
    /// The command line's flag, such as `--max-create`.
    pub flag: &'static str,
    /// What the plan does with the workspaces: `creates` or `deletes`.
    pub verb: &'static str,
    /// How many workspaces the plan concerns.
    pub planned: i64,
    /// How many it may concern.
    pub limit: i64,
}

/// Applies limits to a plan.
///
/// `max_create` and `max_delete` judge the plan as it was calculated, blocked creates left out:
/// they exist to notice a plan that nobody expected, and a lower number of builds in flight makes
/// it no less unexpected. `snapshot` serves to count the builds in flight; it may hold more
/// presets than the plan.
///
/// # Errors
/// The first limit that the plan exceeds.
pub fn limit(plan: Plan, snapshot: &Snapshot, limits: &Limits) -> Result<Limited, OverLimit> {
    let guards = [
        (
            "--max-create",
            "creates",
            plan.summary.create,
            limits.max_create,
        ),
        (
            "--max-delete",
            "deletes",
            plan.summary.delete,
            limits.max_delete,
        ),
    ];
    for (flag, verb, planned, limit) in guards {
        if let Some(limit) = limit.map(|limit| limit.max(0))
            && planned > limit
        {
            return Err(OverLimit {
                flag,
                verb,
                planned,
                limit,
            });
        }
    }
    let Some(max_in_flight) = limits.max_in_flight else {
        return Ok(Limited { plan, deferred: 0 });
    };
    let slots = max_in_flight
        .max(0)
        .saturating_sub(jobs(snapshot))
        .saturating_sub(plan.summary.delete)
        .max(0);
    Ok(put_off(plan, slots))
}

/// Builds that are pending or running.
fn jobs(snapshot: &Snapshot) -> i64 {
    let counted = snapshot
        .in_progress
        .iter()
        .map(|builds| builds.count.max(0));
    let leftover = snapshot.leftovers.iter().map(|row| match row.job_status {
        Some(JobStatus::Pending | JobStatus::Running) => 1,
        _ => 0,
    });
    counted.chain(leftover).fold(0, i64::saturating_add)
}

/// Lowers the creates of a plan to `slots` in all.
fn put_off(mut plan: Plan, slots: i64) -> Limited {
    let deferred = plan.summary.create.saturating_sub(slots).max(0);
    if deferred == 0 {
        return Limited { plan, deferred };
    }
    let mut demands = Vec::new();
    for (position, preset) in plan.presets.iter().enumerate() {
        for action in &preset.actions {
            if let Action::Create {
                count,
                blocked_by: None,
            } = action
            {
                demands.push(Demand::new(position, &preset.state, *count));
            }
        }
    }
    for demand in share(demands, slots) {
        let Some(preset) = plan.presets.get_mut(demand.position) else {
            continue;
        };
        let put_off = demand.wanted - demand.granted;
        if put_off == 0 {
            continue;
        }
        for action in &mut preset.actions {
            if let Action::Create {
                count,
                blocked_by: None,
            } = action
            {
                *count = demand.granted;
            }
        }
        preset
            .actions
            .retain(|action| !matches!(action, Action::Create { count: 0, .. }));
        preset.reason += &format!(
            "; {put_off} of these {} are put off by --max-in-flight",
            demand.wanted
        );
    }
    total(&mut plan);
    Limited { plan, deferred }
}

/// Gives the slots, one after the other, to the preset that is emptiest at that moment.
///
/// The result is the same, but the time does not grow with the number of slots: what all presets
/// need to reach the highest common level that the slots pay for is given at once. What is left
/// then is too little for one more step of that very fine level, hence a few slots a preset.
fn share(mut demands: Vec<Demand>, slots: i64) -> Vec<Demand> {
    let cost = |level| {
        demands
            .iter()
            .map(|d| i128::from(d.needed_for(level)))
            .sum::<i128>()
    };
    let (mut affordable, mut too_dear) = (0, FULL);
    while too_dear - affordable > 1 {
        let middle = affordable + (too_dear - affordable) / 2;
        if cost(middle) <= i128::from(slots) {
            affordable = middle;
        } else {
            too_dear = middle;
        }
    }
    let mut left = i128::from(slots) - cost(affordable);
    for demand in &mut demands {
        demand.granted = demand.needed_for(affordable);
    }

    let (mut hungry, mut shared): (BinaryHeap<_>, Vec<_>) = (BinaryHeap::new(), Vec::new());
    for demand in demands {
        if demand.granted < demand.wanted {
            hungry.push(Reverse(demand));
        } else {
            shared.push(demand);
        }
    }
    while left > 0
        && let Some(Reverse(mut demand)) = hungry.pop()
    {
        demand.granted += 1;
        left -= 1;
        if demand.granted < demand.wanted {
            hungry.push(Reverse(demand));
        } else {
            shared.push(demand);
        }
    }
    shared.extend(hungry.into_iter().map(|Reverse(demand)| demand));
    shared
}

/// The level of a preset that has all it wants, in the finest steps that 64 bits leave room for.
const FULL: i64 = 1 << 62;

/// What one preset wants to create.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Demand {
    position: usize,
    /// Unexpired running and starting workspaces.
    present: i64,
    /// Wanted number of the preset, at least 1.
    desired: i64,
    wanted: i64,
    granted: i64,
}

impl Demand {
    fn new(position: usize, state: &State, wanted: i64) -> Self {
        let present = (state.actual - state.expired)
            .saturating_add(state.starting)
            .max(0);
        Self {
            position,
            present,
            desired: state.desired.max(1),
            wanted,
            granted: 0,
        }
    }

    /// How many creates lift the preset to `level` / [`FULL`] of its wanted number.
    fn needed_for(&self, level: i64) -> i64 {
        let full = i128::from(FULL);
        let target = (i128::from(level) * i128::from(self.desired) + full - 1) / full;
        let needed = (target - i128::from(self.present)).clamp(0, i128::from(self.wanted));
        i64::try_from(needed).unwrap_or(self.wanted)
    }

    fn filled(&self) -> i128 {
        i128::from(self.present) + i128::from(self.granted)
    }
}

/// The emptiest preset relative to its wanted number comes first, then the first in the plan.
impl Ord for Demand {
    fn cmp(&self, other: &Self) -> Ordering {
        let own = self.filled() * i128::from(other.desired);
        let others = other.filled() * i128::from(self.desired);
        own.cmp(&others).then(self.position.cmp(&other.position))
    }
}

impl PartialOrd for Demand {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::actions::testing::*;
    use crate::actions::{check, plan};
    use crate::model::{Leftover, Preset, Transition};

    fn in_flight(number: i64) -> Limits {
        Limits {
            max_in_flight: Some(number),
            ..Limits::default()
        }
    }

    /// A pool for each pair of wanted and running workspaces.
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
        let limited = limit(plan_checked(snapshot), snapshot, &in_flight(slots)).unwrap();
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
            let limited = limit(plan.clone(), &snapshot, &limits).unwrap();
            assert_eq!(
                limited,
                Limited {
                    plan: plan.clone(),
                    deferred: 0
                }
            );
        }
    }

    #[test]
    fn a_plan_over_a_limit_is_refused_whole_with_the_flag_and_the_excess() {
        let snapshot = pools(&[(5, 0), (0, 2)]);
        let plan = plan_checked(&snapshot);
        let limits = |max_create, max_delete| Limits {
            max_create,
            max_delete,
            max_in_flight: None,
        };
        assert!(limit(plan.clone(), &snapshot, &limits(Some(5), Some(2))).is_ok());
        let error = limit(plan.clone(), &snapshot, &limits(Some(3), Some(2))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the plan creates 5 workspaces, 2 more than --max-create 3 allows; raise the limit \
             if that is meant"
        );
        let error = limit(plan, &snapshot, &limits(None, Some(-1))).unwrap_err();
        assert_eq!(
            (error.flag, error.planned, error.limit),
            ("--max-delete", 2, 0)
        );
    }

    #[test]
    fn max_create_judges_the_plan_before_creates_are_put_off() {
        let snapshot = pools(&[(5, 0)]);
        let limits = Limits {
            max_create: Some(3),
            max_in_flight: Some(1),
            max_delete: None,
        };
        assert!(limit(plan_checked(&snapshot), &snapshot, &limits).is_err());
    }

    #[test]
    fn jobs_and_deletes_take_slots_and_deletes_are_never_put_off() {
        let mut snapshot = pools(&[(9, 0), (0, 2)]);
        let other = preset(77, 0);
        let leftover = |n, job_status| Leftover {
            id: Uuid::from_u128(n),
            name: String::new(),
            template_id: other.template_id,
            template_version_id: None,
            preset_id: None,
            transition: Some(Transition::Start),
            job_status,
            created_at: at(NOON),
            last_build_at: None,
        };
        snapshot.in_progress = vec![
            in_progress(&snapshot.presets[0], Transition::Start, 1),
            in_progress(&other, Transition::Stop, 2),
        ];
        snapshot.leftovers = vec![
            leftover(1, Some(JobStatus::Pending)),
            leftover(2, Some(JobStatus::Running)),
            leftover(3, Some(JobStatus::Failed)),
            leftover(4, None),
        ];
        // Five jobs and two deletes.
        assert_eq!(shared(&snapshot, 10), (vec![3, 0], 5));
        assert_eq!(shared(&snapshot, 7), (vec![0, 0], 8));
        let plan = limit(plan_checked(&snapshot), &snapshot, &in_flight(0))
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
        let limited = limit(plan_checked(&snapshot), &snapshot, &in_flight(1)).unwrap();
        assert_eq!(
            limited.plan.presets[0].reason,
            "5 wanted, 1 running: create 4; 3 of these 4 are put off by --max-in-flight"
        );
        let nothing = limit(plan_checked(&snapshot), &snapshot, &in_flight(0)).unwrap();
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
    fn enormous_numbers_are_shared_at_once() {
        let snapshot = pools(&[(i64::MAX, 0), (i64::MAX, 3), (1, 0)]);
        let (counts, _) = shared(&snapshot, i64::MAX - 1);
        assert_eq!(counts.iter().sum::<i64>(), i64::MAX - 1);
        assert_eq!(counts[2], 1);
        assert!(counts[0].abs_diff(counts[1] + 3) <= 1, "{counts:?}");
    }

    proptest! {
        #[test]
        fn sharing_is_giving_one_slot_after_the_other(
            sizes in prop::collection::vec((0..12i64, 0..12u128), 0..6), slots in 0..40i64,
        ) {
            let snapshot = pools(&sizes);
            let plan = plan(&snapshot, &SETTINGS, at(NOON));
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
}

//! Keeps a plan within what an administrator allows.
//!
//! Two limits refuse a plan that is larger than expected; the third puts creates off while many
//! builds are under way. A limit never adds anything to a plan, and never puts off a delete.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::actions::total;
use crate::model::{Action, JobStatus, Plan, Snapshot, State};

mod allowance;
#[cfg(test)]
mod tests;

pub(crate) use allowance::Allowance;

/// What a plan may do at most. A negative limit counts as 0; none means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Workspaces that a plan may create, before any are put off.
    pub max_create: Option<i64>,
    /// Workspaces that a plan may delete.
    pub max_delete: Option<Allowance>,
    /// Builds that may be pending or running at once after the plan.
    pub max_in_flight: Option<i64>,
}

/// A plan within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Limited {
    /// What is left of the plan.
    pub plan: Plan,
    /// Creates that were put off.
    pub deferred: i64,
}

/// A plan that is larger than it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the plan {verb} {planned} {}, {} more than {flag} {limit} allows; raise the limit if that is \
     meant",
    if *planned == 1 { "workspace" } else { "workspaces" },
    planned.saturating_sub(*allowed)
)]
pub(crate) struct OverLimit {
    /// The command line's flag, such as `--max-create`.
    pub flag: &'static str,
    /// What the plan does with the workspaces: `creates` or `deletes`.
    pub verb: &'static str,
    /// How many workspaces the plan concerns.
    pub planned: i64,
    /// How many it may concern.
    pub allowed: i64,
    /// The limit as it was given, with what a percentage is of: `20` or `20% of 35`.
    pub limit: String,
}

/// Applies limits to a plan.
///
/// `max_create` and `max_delete` judge the plan as it was calculated, blocked creates left out:
/// they exist to notice a plan that nobody expected, and a lower number of builds in flight makes
/// it no less unexpected. `in_flight` is the number of builds that are pending or running, those of
/// presets that the plan leaves out included.
///
/// # Errors
/// The first limit that the plan exceeds.
pub(crate) fn limit(plan: Plan, in_flight: i64, limits: &Limits) -> Result<Limited, OverLimit> {
    let running = total_running(&plan);
    let guards = [
        (
            "--max-create",
            "creates",
            plan.summary.create,
            limits.max_create.map(Allowance::Number),
        ),
        (
            "--max-delete",
            "deletes",
            plan.summary.delete,
            limits.max_delete,
        ),
    ];
    for (flag, verb, planned, limit) in guards {
        let Some(limit) = limit else { continue };
        let allowed = limit.of(running);
        if planned > allowed {
            return Err(OverLimit {
                flag,
                verb,
                planned,
                allowed,
                limit: limit.shown(running),
            });
        }
    }
    let Some(max_in_flight) = limits.max_in_flight else {
        return Ok(Limited { plan, deferred: 0 });
    };
    let slots = max_in_flight
        .max(0)
        .saturating_sub(in_flight)
        .saturating_sub(plan.summary.delete)
        .max(0);
    Ok(put_off(plan, slots))
}

/// Running prebuilt workspaces of all presets that the plan considers.
fn total_running(plan: &Plan) -> i64 {
    let actual = plan.presets.iter().map(|preset| preset.state.actual);
    actual.fold(0, i64::saturating_add)
}

/// Builds that are pending or running, of all pools that the snapshot holds.
pub(crate) fn in_flight(snapshot: &Snapshot) -> i64 {
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

//! Keeps a plan within what an administrator allows.
//!
//! Two limits refuse a plan that is larger than expected; the third puts creates off while many
//! builds are under way. A limit never adds anything to a plan, and never puts off a delete.

use std::cmp::Ordering;
use std::str::FromStr;

use crate::actions::{sum, total};
use crate::model::text::plural;
use crate::model::{Action, Plan, PresetPlan, Snapshot};

#[cfg(test)]
mod tests;

/// What a plan may do at most. A negative limit counts as 0; none means no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Workspaces that a plan may create, before any are put off.
    pub max_create: Option<i64>,
    pub max_delete: Option<MaxDelete>,
    /// Builds that may be pending or running at once after the plan.
    pub max_in_flight: Option<i64>,
}

/// How many workspaces a plan may delete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MaxDelete {
    /// A negative number counts as 0.
    Number(i64),
    /// A share in percent of the running prebuilt workspaces, rounded down; from 0 to 100.
    Percent(u8),
}

impl MaxDelete {
    /// How many these are when so many are running.
    fn of(self, running: i64) -> i64 {
        match self {
            Self::Number(number) => number.max(0),
            Self::Percent(percent) => {
                let (running, percent) = (running.max(0), i64::from(percent.min(100)));
                running / 100 * percent + running % 100 * percent / 100
            }
        }
    }

    /// The limit in a sentence, with what a percentage is of.
    fn shown(self, running: i64) -> String {
        match self {
            Self::Number(number) => number.max(0).to_string(),
            Self::Percent(percent) => format!("{percent}% of {}", running.max(0)),
        }
    }
}

/// Not a number or a percentage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a number of workspaces, such as 10, nor a percentage from 0% to 100%")]
pub(crate) struct NotALimit;

impl FromStr for MaxDelete {
    type Err = NotALimit;

    /// Reads `10` or `20%`.
    fn from_str(text: &str) -> Result<Self, NotALimit> {
        let limit = match text.strip_suffix('%') {
            Some(percent) => {
                let percent = percent.parse().ok().filter(|percent| *percent <= 100);
                percent.map(Self::Percent)
            }
            None => {
                let number = text.parse().ok().filter(|number| *number >= 0);
                number.map(Self::Number)
            }
        };
        limit.ok_or(NotALimit)
    }
}

/// A plan within its limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LimitedPlan {
    pub plan: Plan,
    /// Creates that were put off.
    pub deferred: i64,
}

/// A plan that is larger than it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the plan {verb} {}, {} more than {flag} {limit} allows; raise the limit if that is meant",
    plural(*planned, "workspace"),
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
/// they exist to notice an unexpected plan, and a lower number of builds in flight makes it no less
/// unexpected. `in_flight` is the number of pending and running builds, also of presets that the plan
/// leaves out.
///
/// # Errors
/// The first limit that the plan exceeds.
pub(crate) fn limit(plan: Plan, in_flight: i64, limits: &Limits) -> Result<LimitedPlan, OverLimit> {
    let running = total_running(&plan);
    let guards = [
        (
            "--max-create",
            "creates",
            plan.summary.create,
            limits.max_create.map(MaxDelete::Number),
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
        return Ok(LimitedPlan { plan, deferred: 0 });
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
    let leftover = snapshot
        .leftovers
        .iter()
        .map(|row| i64::from(row.is_in_progress()));
    counted.chain(leftover).fold(0, i64::saturating_add)
}

/// Lowers the creates of a plan to `slots` in all: each slot goes to the preset that is emptiest at
/// that moment, relative to its desired instances, ties to the first in the plan.
fn put_off(mut plan: Plan, slots: i64) -> LimitedPlan {
    let deferred = plan.summary.create.saturating_sub(slots).max(0);
    if deferred == 0 {
        return LimitedPlan { plan, deferred };
    }
    let mut demands: Vec<Demand> = plan.presets.iter().map(Demand::new).collect();
    // Fewer rounds than workspaces that the plan would create.
    for _ in 0..slots {
        let hungry = demands.iter_mut().filter(|it| it.granted < it.planned);
        if let Some(emptiest) = hungry.min_by(|a, b| a.emptier(b)) {
            emptiest.granted += 1;
        }
    }
    for (entry, demand) in plan.presets.iter_mut().zip(demands) {
        let Demand {
            planned, granted, ..
        } = demand;
        if planned == granted {
            continue;
        }
        for action in &mut entry.actions {
            if let Action::Create {
                count,
                blocked_by: None,
            } = action
            {
                *count = granted;
            }
        }
        entry
            .actions
            .retain(|action| !matches!(action, Action::Create { count: 0, .. }));
        entry.reason += &format!(
            "; {} of these {planned} are put off by --max-in-flight",
            planned - granted
        );
    }
    total(&mut plan);
    LimitedPlan { plan, deferred }
}

/// What one preset is to create.
struct Demand {
    /// Unexpired running and starting workspaces.
    present: i64,
    /// Desired instances of the preset, at least 1.
    desired: i64,
    planned: i64,
    /// Creates that are left.
    granted: i64,
}

impl Demand {
    fn new(entry: &PresetPlan) -> Self {
        let state = &entry.state;
        Self {
            present: (state.actual - state.expired)
                .saturating_add(state.starting)
                .max(0),
            desired: state.desired.max(1),
            planned: sum(&entry.actions).create,
            granted: 0,
        }
    }

    fn emptier(&self, other: &Self) -> Ordering {
        let filled = |it: &Self| i128::from(it.present) + i128::from(it.granted);
        let own = filled(self) * i128::from(other.desired);
        own.cmp(&(filled(other) * i128::from(self.desired)))
    }
}

//! Keeps a plan within what an administrator allows.
//!
//! Two limits refuse a plan that is larger than expected, one of them unless it is told otherwise; the third
//! puts creates off while many builds are under way. A limit never adds anything to a plan, and never puts off a delete.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use crate::actions::{sum, total};
use crate::model::text::plural;
use crate::model::{Action, Plan, PresetPlan, Snapshot, Summary};

#[cfg(test)]
mod tests;

/// Workspaces that a plan may create where nobody sets `max_create`: more than any deployment has, few
/// enough for one transaction. A desired number with too many digits is a mistake, and what it asks for would
/// take all memory.
pub(crate) const MAX_CREATE: i64 = 100_000;

/// What a plan may do at most. A negative limit counts as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Workspaces that a plan may create, before any are put off; none: [`MAX_CREATE`].
    pub max_create: Option<i64>,
    /// None: no limit.
    pub max_delete: Option<SizeLimit>,
    /// Builds that may be pending or running at once after the plan; none: no limit.
    pub max_in_flight: Option<i64>,
    /// Members of superseded versions stay until no more than so many replacements are not ready yet; see
    /// [`super::rollout`].
    pub keep_until_ready: Option<i64>,
}

impl fmt::Display for Limits {
    /// `, with --max-create 5 and --max-delete 10%`, or nothing.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let limits = [
            self.max_create.map(|limit| format!("--max-create {limit}")),
            self.max_delete.map(|limit| format!("--max-delete {limit}")),
            self.max_in_flight
                .map(|limit| format!("--max-in-flight {limit}")),
        ];
        let limits: Vec<String> = limits.into_iter().flatten().collect();
        match limits.as_slice() {
            [] => Ok(()),
            limits => write!(f, ", within {}", limits.join(" and ")),
        }
    }
}

impl fmt::Display for SizeLimit {
    /// As flags take it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

/// How many workspaces a plan may concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SizeLimit {
    /// A negative number counts as 0.
    Number(i64),
    /// A share in percent of the running prebuilt workspaces, rounded down; from 0 to 100.
    Percent(u8),
}

impl SizeLimit {
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a number of workspaces, such as 10, nor a percentage from 0% to 100%")]
pub(crate) struct NotALimit;

impl FromStr for SizeLimit {
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LimitedPlan {
    pub plan: Plan,
    /// Creates that were put off.
    pub deferred: i64,
}

/// A plan that is larger than it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the plan {0} allows; raise the limit if that is meant")]
pub(crate) struct OverLimit(String);

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
    let Summary { create, delete, .. } = plan.summary;
    let max_create = limits.max_create.unwrap_or(MAX_CREATE);
    let max_create = Some(SizeLimit::Number(max_create));
    for (flag, verb, planned, limit) in [
        ("--max-create", "creates", create, max_create),
        ("--max-delete", "deletes", delete, limits.max_delete),
    ] {
        let Some(limit) = limit else { continue };
        let allowed = limit.of(running);
        if planned > allowed {
            let (workspaces, more) = (plural(planned, "workspace"), planned - allowed);
            let limit = limit.shown(running);
            return Err(OverLimit(format!(
                "{verb} {workspaces}, {more} more than {flag} {limit}"
            )));
        }
    }
    let Some(max_in_flight) = limits.max_in_flight else {
        return Ok(LimitedPlan { plan, deferred: 0 });
    };
    let slots = max_in_flight
        .max(0)
        .saturating_sub(in_flight)
        .saturating_sub(delete)
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

struct Demand {
    /// Unexpired running and starting workspaces.
    present: i64,
    /// Desired instances of the preset, at least 1.
    desired: i64,
    planned: i64,
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

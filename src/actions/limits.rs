//! Keeps a plan within what an administrator allows.
//!
//! Two limits refuse a plan that is larger than expected, or the templates that are: that of creates always,
//! that of deletes if it is given. The third puts creates off while many builds are under way. A limit never
//! adds anything to a plan. That members stay until their replacements are ready is [`super::rollout`]'s.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use crate::actions::total;
use crate::model::text::plural;
use crate::model::{Action, Plan, Preset, PresetPlan, Snapshot};

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
    /// Workspaces that a plan may delete, besides those of superseded versions; none: no limit.
    pub max_delete: Option<SizeLimit>,
    /// Whether these two are for each template: one that is over them is left alone, and the others aren't.
    pub per_template: bool,
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
            limits => {
                let scope = if self.per_template {
                    " for each template"
                } else {
                    ""
                };
                write!(f, ", within {}{scope}", limits.join(" and "))
            }
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
    /// Presets whose steps were left out, by their places in the plan, and why.
    pub refused: Vec<(usize, OverLimit)>,
}

/// A plan, or what it has for a template, that is larger than it may be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} allows; raise the limit if that is meant")]
pub(crate) struct OverLimit(String);

/// Applies limits to a plan of the snapshot.
///
/// `max_create` and `max_delete` judge the plan as it was calculated, blocked creates left out:
/// they exist to notice an unexpected plan, and a lower number of builds in flight makes it no less
/// unexpected. Members of superseded versions count neither as deletes nor among those that run: they go
/// whenever a template is pushed, which somebody did on purpose. `in_flight` is the number of pending and
/// running builds, also of presets that the plan leaves out.
///
/// # Errors
/// The first limit that the plan exceeds, or with limits for each template the first one where no template
/// with steps is within them.
pub(crate) fn limit(
    mut plan: Plan,
    snapshot: &Snapshot,
    in_flight: i64,
    limits: &Limits,
) -> Result<LimitedPlan, OverLimit> {
    let refused = if limits.per_template {
        refuse_templates(&mut plan, snapshot, limits)?
    } else {
        let entries = snapshot.presets.iter().zip(&plan.presets);
        Size::of(entries).check("the plan", limits)?;
        Vec::new()
    };
    let Some(max_in_flight) = limits.max_in_flight else {
        return Ok(LimitedPlan {
            plan,
            deferred: 0,
            refused,
        });
    };
    let slots = max_in_flight
        .max(0)
        .saturating_sub(in_flight)
        .saturating_sub(plan.summary.delete)
        .max(0);
    let (plan, deferred) = put_off(plan, slots);
    Ok(LimitedPlan {
        plan,
        deferred,
        refused,
    })
}

/// Takes the steps of templates that are over the limits out of the plan.
fn refuse_templates(
    plan: &mut Plan,
    snapshot: &Snapshot,
    limits: &Limits,
) -> Result<Vec<(usize, OverLimit)>, OverLimit> {
    let mut templates: BTreeMap<Uuid, Vec<usize>> = BTreeMap::new();
    for (place, preset) in snapshot.presets.iter().enumerate() {
        templates.entry(preset.template_id).or_default().push(place);
    }
    let mut refused = Vec::new();
    for places in templates.into_values() {
        let entries = places
            .iter()
            .filter_map(|place| Some((snapshot.presets.get(*place)?, plan.presets.get(*place)?)));
        let Some((preset, _)) = entries.clone().next() else {
            continue;
        };
        let name = format!(
            "template {}/{}",
            preset.organization_name, preset.template_name
        );
        let Err(over) = Size::of(entries).check(&name, limits) else {
            continue;
        };
        for place in places {
            let Some(entry) = plan.presets.get_mut(place) else {
                continue;
            };
            if entry.has_steps() {
                refused.push((place, over.clone()));
                entry.actions.clear();
            }
        }
    }
    refused.sort_by_key(|(place, _)| *place);
    total(plan);
    match refused.first() {
        // A plan that is paused would change nothing either, and never gets here.
        Some((_, over)) if !plan.has_changes => Err(over.clone()),
        _ => Ok(refused),
    }
}

/// What limits compare.
#[derive(Clone, Copy, Debug, Default)]
struct Size {
    create: i64,
    /// Without those of superseded versions.
    delete: i64,
    superseded: i64,
    /// Running prebuilt workspaces, without those of superseded versions.
    running: i64,
}

impl Size {
    fn of<'a>(entries: impl Iterator<Item = (&'a Preset, &'a PresetPlan)>) -> Self {
        let mut size = Self::default();
        for (preset, entry) in entries {
            let steps = entry.summary();
            size.create = size.create.saturating_add(steps.create);
            if preset.is_superseded() {
                size.superseded = size.superseded.saturating_add(steps.delete);
            } else {
                size.delete = size.delete.saturating_add(steps.delete);
                size.running = size.running.saturating_add(entry.state.actual);
            }
        }
        size
    }

    /// Compares it with the limits; `what` is of this size.
    fn check(self, what: &str, limits: &Limits) -> Result<(), OverLimit> {
        let besides = match self.superseded {
            0 => String::new(),
            superseded => format!(" besides {superseded} of superseded versions"),
        };
        let max_create = limits.max_create.unwrap_or(MAX_CREATE);
        let max_create = Some(SizeLimit::Number(max_create));
        for (flag, verb, planned, limit, besides) in [
            ("--max-create", "creates", self.create, max_create, ""),
            (
                "--max-delete",
                "deletes",
                self.delete,
                limits.max_delete,
                &besides,
            ),
        ] {
            let Some(limit) = limit else { continue };
            let allowed = limit.of(self.running);
            if planned > allowed {
                let (workspaces, more) = (plural(planned, "workspace"), planned - allowed);
                let limit = limit.shown(self.running);
                return Err(OverLimit(format!(
                    "{what} {verb} {workspaces}{besides}, {more} more than {flag} {limit}"
                )));
            }
        }
        Ok(())
    }
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
/// that moment, relative to its desired instances, ties to the first in the plan. Returns how many creates
/// were put off, too.
fn put_off(mut plan: Plan, slots: i64) -> (Plan, i64) {
    let deferred = plan.summary.create.saturating_sub(slots).max(0);
    if deferred == 0 {
        return (plan, deferred);
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
    (plan, deferred)
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
            planned: entry.summary().create,
            granted: 0,
        }
    }

    fn emptier(&self, other: &Self) -> Ordering {
        let filled = |it: &Self| i128::from(it.present) + i128::from(it.granted);
        let own = filled(self) * i128::from(other.desired);
        own.cmp(&(filled(other) * i128::from(self.desired)))
    }
}

//! How far a preset's pool may be invalidated.
//!
//! Pure. An invalidation is a mark on a preset: running prebuilt workspaces created strictly before
//! it count as expired, and passes replace them. Everything at once is one mark. A rolling one moves
//! the mark along the workspaces' times of creation, the oldest first, as far as the pool can spare,
//! and again when replacements have come. It has no memory but the mark: which workspaces are to be
//! replaced, all that were created before a fixed instant, is worked out anew each time.

pub(crate) mod report;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::actions;
use crate::actions::state::Rows;
use crate::model::facts::Facts;
use crate::model::facts::Mark;
use crate::model::settings::Tuning;
use crate::model::text::count;
use crate::model::{PresetPlan, PresetReference, RunningPrebuild, Snapshot, Time, Transition};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// Workspaces created before this instant are to be replaced.
    pub before: Time,
    /// How many the pool may be short of at once; none: all of them.
    pub max_unavailable: Option<usize>,
}

/// How a preset's invalidation stands, and the next step of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub preset: PresetReference,
    /// Where the mark goes, if it moves.
    pub mark: Option<Mark>,
    /// Running workspaces that the mark makes expire.
    pub invalidated: usize,
    /// Workspaces to be replaced that are expired already and still there, or not built yet.
    pub replacing: usize,
    /// Workspaces to be replaced that are not expired yet.
    pub remaining: usize,
    /// Why it can't go on by itself.
    pub problem: Option<String>,
}

/// Invalidations have no use for failures.
pub(crate) fn snapshot(facts: Facts, now: Time) -> Snapshot {
    facts.into_snapshot(now, &Tuning::default())
}

/// First builds that are not done yet: preset and time of creation of their workspaces.
pub(crate) fn unbuilt(facts: &Facts) -> Vec<(Uuid, Time)> {
    facts
        .prebuilds
        .iter()
        .filter_map(|prebuild| {
            let latest = prebuild.latest_build.as_ref()?;
            let unfinished = latest.job_status.is_in_progress();
            let starting = latest.transition == Transition::Start && unfinished;
            starting.then_some((prebuild.preset_id?, prebuild.created_at))
        })
        .collect()
}

/// The next step for every preset of the snapshot that is in use.
pub(crate) fn next_steps(
    snapshot: &Snapshot,
    unbuilt: &[(Uuid, Time)],
    target: Target,
    now: Time,
) -> Vec<Step> {
    let plan = actions::plan(snapshot, &Tuning::default(), now);
    let rows = Rows::by_preset(snapshot);
    let pools = snapshot.presets.iter().zip(&plan.presets).zip(&rows);
    pools
        .filter(|((preset, _), _)| preset.is_active())
        .map(|((preset, entry), rows)| {
            let (expired, fresh): (Vec<&RunningPrebuild>, Vec<_>) = rows
                .running
                .iter()
                .filter(|workspace| workspace.created_at < target.before)
                .partition(|workspace| actions::state::is_expired(preset, workspace, now));
            let starting = unbuilt
                .iter()
                .filter(|(id, created_at)| *id == preset.id && *created_at < target.before)
                .count();
            let replacing = expired.len() + starting;
            let Some(most) = target.max_unavailable else {
                // Everything expires, and so will what is being built now.
                let last = preset.last_invalidated_at;
                // A mark that is still to come was set by a clock that was ahead.
                let moves = last.is_none_or(|last| last < target.before || last > now);
                return Step {
                    preset: entry.preset.clone(),
                    mark: moves.then_some(Mark {
                        id: preset.id,
                        at: target.before,
                    }),
                    invalidated: fresh.len(),
                    replacing,
                    remaining: 0,
                    problem: None,
                };
            };
            rolling(entry, &fresh, replacing, most)
        })
        .collect()
}

/// As many of the oldest expire as the pool can spare: never more than `most` are expired at once,
/// and eligible ones never fall more than `most` below the desired instances. One that can't be
/// claimed anyway costs nothing.
fn rolling(entry: &PresetPlan, fresh: &[&RunningPrebuild], replacing: usize, most: usize) -> Step {
    let state = &entry.state;
    let slots = count(most) - state.expired;
    let spare = (state.eligible - (state.desired - count(most))).max(0);
    let (mut expiring, mut ready, mut mark) = (0, 0, None);
    for (index, workspace) in fresh.iter().enumerate() {
        ready += i64::from(workspace.ready);
        if count(index + 1) > slots || ready > spare {
            break;
        }
        // The mark can't stand between workspaces of one time.
        let next = fresh.get(index + 1);
        if next.is_none_or(|next| next.created_at > workspace.created_at) {
            expiring = index + 1;
            mark = Some(Mark {
                id: entry.preset.id,
                at: just_after(workspace.created_at),
            });
        }
    }
    let oldest = fresh.first().map(|first| first.created_at);
    let twins = fresh.iter().take_while(|it| Some(it.created_at) == oldest);
    let twins = twins.count();
    let problem = (twins > most).then(|| {
        format!(
            "its {twins} oldest workspaces were created at the same instant and can only expire \
             together: give --max-unavailable {twins}"
        )
    });
    Step {
        preset: entry.preset.clone(),
        mark,
        invalidated: expiring,
        replacing,
        remaining: fresh.len() - expiring,
        problem,
    }
}

/// The next instant that databases can tell from this one.
fn just_after(time: Time) -> Time {
    time.checked_add_signed(TimeDelta::microseconds(1))
        .unwrap_or(time)
}

//! Works out what to do about every pool.
//!
//! The pure heart of the program: [`plan`] turns a [`Snapshot`] into a [`Plan`] and nothing else.
//! No clock, no environment, no database, no log, no async; whatever decides is an argument, and
//! equal arguments give equal plans whatever the order of a snapshot's rows. Nothing here may
//! import more of this crate than [`crate::model`].
//!
//! | module | what it knows |
//! |---|---|
//! | [`snapshot`] | a database's rows as a snapshot |
//! | [`state`] | the rows of a preset and its numbers |
//! | [`back_off`] | how long failed builds hold creates up |
//! | [`schedule`], [`cron`], [`overlap`], [`zone`] | the desired instances at an instant |
//! | [`lint`] | schedules that are valid and hardly meant |
//! | [`reason`] | the sentence that explains a preset's plan |
//! | [`check`] | what must hold of every plan, however it was made |
//! | [`limits`] | refusing a plan that is too large, putting creates off |
//! | [`rollout`] | keeping members of superseded versions until their replacements are ready |
//! | [`stale`] | whether an approved plan is still what would be done |
//! | [`timetable`] | plans of many instants at once, and when the next one differs |
//! | [`what_if`] | plans of changed facts |
//! | [`due`], [`autostart`] | claimed workspaces whose time has come |
//! | [`life`] | the next build of a claimed workspace |
//! | [`health`] | what looks wrong about pools |
//! | [`condition`] | how each pool is, and when that changes |
//! | [`readiness`] | whether pools are full, and what is missing |
//! | [`leftovers`], [`failure_limit`], [`invalidation`] | what clean-ups, resets and invalidations change |

use uuid::Uuid;

use crate::model::settings::Tuning;
use crate::model::text::count;
use crate::model::{
    Action, Backoff, Block, DeleteReason, Diagnostic, FormatVersion, Plan, PrebuildStatus, Preset,
    PresetPlan, Snapshot, State, Summary, Time, Transition, UNKNOWN_LABEL, UNREADABLE_TIME,
};

pub(crate) mod autostart;
pub(crate) mod back_off;
pub(crate) mod check;
pub(crate) mod condition;
pub(crate) mod cron;
pub(crate) mod due;
pub(crate) mod failure_limit;
pub(crate) mod health;
pub(crate) mod invalidation;
pub(crate) mod leftovers;
pub(crate) mod life;
pub(crate) mod limits;
pub(crate) mod lint;
pub(crate) mod overlap;
#[cfg(test)]
mod properties;
pub(crate) mod readiness;
pub(crate) mod reason;
pub(crate) mod rollout;
pub(crate) mod schedule;
pub(crate) mod snapshot;
pub(crate) mod stale;
pub(crate) mod state;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub(crate) mod timetable;
pub(crate) mod what_if;
pub(crate) mod zone;

use state::{Pool, Rows, Unknown};

/// Calculates what to do about every preset of `snapshot` at the instant `now`.
///
/// A paused snapshot gets the same actions as any other, but the plan has no changes.
pub(crate) fn plan(snapshot: &Snapshot, tuning: &Tuning, now: Time) -> Plan {
    let presets: Vec<_> = snapshot
        .presets
        .iter()
        .zip(Rows::by_preset(snapshot))
        .map(|(preset, rows)| {
            plan_preset(preset, &rows, tuning, snapshot.reconciliation_paused, now)
        })
        .collect();
    let mut plan = Plan {
        version: FormatVersion,
        planned_at: now,
        reconciliation_paused: snapshot.reconciliation_paused,
        has_changes: false,
        summary: Summary::default(),
        presets,
        claimed: snapshot
            .claimed
            .iter()
            .filter_map(|it| due::due(it, now))
            .collect(),
    };
    total(&mut plan);
    plan
}

/// Brings a plan's totals in line with its actions.
fn total(plan: &mut Plan) {
    let due = |transition| {
        let builds = plan.claimed.iter();
        count(builds.filter(|it| it.transition == transition).count())
    };
    let summary = Summary {
        presets: count(plan.presets.len()),
        start: due(Transition::Start),
        stop: due(Transition::Stop),
        ..Summary::of(plan.presets.iter().flat_map(|entry| &entry.actions))
    };
    plan.has_changes =
        !plan.reconciliation_paused && (summary.steps() > 0 || !plan.claimed.is_empty());
    plan.summary = summary;
}

fn plan_preset(
    preset: &Preset,
    rows: &Rows<'_>,
    tuning: &Tuning,
    paused: bool,
    now: Time,
) -> PresetPlan {
    let mut desired = schedule::desired(preset, &rows.schedules, now);
    let (state, actions) = decide(preset, rows, tuning, desired.count, now);
    desired.diagnostics.extend(transferred(preset, rows));
    desired.diagnostics.extend(rows.unknown.map(unknown));
    PresetPlan {
        preset: preset.into(),
        state,
        hard_limited: rows.hard_limited,
        reason: reason::reason(preset, rows, &state, desired.schedule, &actions, paused),
        actions,
        diagnostics: desired.diagnostics,
    }
}

/// The numbers of one preset with these desired instances at `now`, and what to do about them.
fn decide(
    preset: &Preset,
    rows: &Rows<'_>,
    tuning: &Tuning,
    desired: i64,
    now: Time,
) -> (State, Vec<Action>) {
    let pool = Pool::new(preset, rows, desired, now);
    let state = pool.state;
    let actions = if rows.unknown.is_some() {
        Vec::new()
    } else if let Some(rest) = rest(rows.backoff, tuning, now) {
        vec![rest]
    } else if preset.is_active() {
        keep(preset, rows, pool)
    } else {
        retire(rows)
    };
    (state, actions)
}

/// What is said of pending builds that are left alone.
fn transferred(preset: &Preset, rows: &Rows<'_>) -> Option<Diagnostic> {
    let count = rows.transferred;
    (count > 0 && !preset.is_active()).then(|| Diagnostic::warning("pending_transferred", format!(
            "pending first builds that are not cancelled, since their workspaces have another owner \
             by now: {count}"
        )))
}

/// What is said of a preset that is left alone because not all of it can be read.
fn unknown(unknown: Unknown) -> Diagnostic {
    let label = |what| {
        let message = format!(
            "{what} one that this version of prebuildctl doesn't know, so the preset is left alone; \
             use a version that knows this release of Coder"
        );
        (UNKNOWN_LABEL, message)
    };
    let (code, message) = match unknown {
        Unknown::Status => label("its prebuild_status is"),
        Unknown::Build => label("the transition or the job status of a build of it is"),
        Unknown::Time { of, id } => {
            let message = format!(
                "{of} {id} is infinite or beyond the years 0 to 9999, so the preset is left \
                 alone; set it to a time"
            );
            (UNREADABLE_TIME, message)
        }
    };
    Diagnostic::error(code, message)
}

/// The rest that a preset's failures earn it, its last instant included.
fn rest(backoff: Option<&Backoff>, tuning: &Tuning, now: Time) -> Option<Action> {
    let backoff = backoff?;
    let until = back_off::end(backoff.num_failed, backoff.last_build_at, tuning);
    let until = until.filter(|until| now <= *until)?;
    Some(Action::Backoff {
        until,
        failed: backoff.num_failed,
    })
}

/// Keeps an active preset's pool at its desired instances.
fn keep(preset: &Preset, rows: &Rows<'_>, pool: Pool) -> Vec<Action> {
    let state = pool.state;
    // Deletes in progress are of workspaces that no longer count.
    let missing = state::missing(state.actual - state.expired, state.starting, state.desired);
    let surplus = usize::try_from(state.extraneous).unwrap_or(usize::MAX);
    let surplus = pool.unexpired.into_iter().take(surplus).collect();
    let create = (missing > 0).then(|| Action::Create {
        count: missing,
        blocked_by: block(preset, rows),
    });
    [
        delete(DeleteReason::Expired, pool.expired),
        delete(DeleteReason::Extraneous, surplus),
        create,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Empties the pool of a preset that is no longer in use.
fn retire(rows: &Rows<'_>) -> Vec<Action> {
    let running = rows.running.iter().map(|workspace| workspace.id).collect();
    let cancel = (rows.pending > 0).then_some(Action::CancelPending {
        count: rows.pending,
    });
    [cancel, delete(DeleteReason::Inactive, running)]
        .into_iter()
        .flatten()
        .collect()
}

fn delete(reason: DeleteReason, workspace_ids: Vec<Uuid>) -> Option<Action> {
    (!workspace_ids.is_empty()).then_some(Action::Delete {
        reason,
        workspace_ids,
    })
}

fn block(preset: &Preset, rows: &Rows<'_>) -> Option<Block> {
    if rows.hard_limited {
        Some(Block::HardLimited)
    } else if preset.prebuild_status == PrebuildStatus::ValidationFailed {
        Some(Block::ValidationFailed)
    } else {
        None
    }
}

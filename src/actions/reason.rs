//! The one sentence of a preset's plan that says why it holds these actions, or none.
//!
//! Reads finished decisions and changes nothing. Names come from databases and documents, so they
//! are quoted and escaped.

use chrono::SubsecRound as _;

use super::state::{Rows, Unknown};
use crate::model::text::{self, plural};
use crate::model::{Action, Block, DeleteReason, Preset, Schedule, State, time};

/// Explains the actions of one preset. `schedule` is the one that gives the desired instances now.
pub(crate) fn reason(
    preset: &Preset,
    rows: &Rows<'_>,
    state: &State,
    schedule: Option<&Schedule>,
    actions: &[Action],
    paused: bool,
) -> String {
    let circumstances = if preset.is_active() {
        pool(state, schedule)
    } else {
        retired(preset, state)
    };
    let steps = match rows.unknown {
        None if preset.is_active() && rows.hard_limited && is_rest(actions) => limited(actions),
        None => steps(actions),
        Some(Unknown::Time { .. }) => "left alone because of a time that can't be read".to_owned(),
        Some(Unknown::Status | Unknown::Build) => {
            "left alone because of a label that this version doesn't know".to_owned()
        }
    };
    let pause = if paused && !actions.is_empty() {
        "; reconciliation is paused, so nothing is carried out"
    } else if paused {
        "; reconciliation is paused"
    } else {
        ""
    };
    format!("{circumstances}: {steps}{pause}")
}

/// Whether nothing but a back-off is planned.
fn is_rest(actions: &[Action]) -> bool {
    matches!(actions, [Action::Backoff { .. }])
}

/// A back-off that a hard limit stands behind: its end lets nothing be created, so that the limit comes first.
fn limited(actions: &[Action]) -> String {
    let (cause, remedy) = (Block::HardLimited.cause(), Block::HardLimited.remedy());
    format!("hard limited, since {cause}; {remedy} ({})", steps(actions))
}

/// The actions of one preset, with what to do about those that are not carried out.
pub(crate) fn steps(actions: &[Action]) -> String {
    if actions.is_empty() {
        "nothing to do".to_owned()
    } else {
        actions.iter().map(step).collect::<Vec<_>>().join(", ")
    }
}

/// An action in a few words.
pub(crate) fn words(action: &Action) -> String {
    match action {
        Action::Create {
            count,
            blocked_by: None,
        } => format!("create {count}"),
        Action::Create {
            count,
            blocked_by: Some(block),
        } => {
            let block = match block {
                Block::HardLimited => "hard limited",
                Block::ValidationFailed => "validation failed",
            };
            format!("create {count} blocked: {block}")
        }
        Action::Delete {
            reason,
            workspace_ids,
        } => {
            let reason = match reason {
                DeleteReason::Expired => "expired",
                DeleteReason::Extraneous => "extraneous",
                DeleteReason::Inactive => "inactive",
            };
            format!("delete {} {reason}", workspace_ids.len())
        }
        Action::CancelPending { count } => format!("cancel {count} pending"),
        Action::Backoff { until, .. } => format!("back off until {}", text::time(until)),
    }
}

fn pool(state: &State, schedule: Option<&Schedule>) -> String {
    let mut text = format!("{} desired", state.desired);
    if let Some(schedule) = schedule {
        text += &format!(" by the schedule {:?}", schedule.cron_expression);
    }
    text += &format!(", {} running", state.actual);
    if state.expired > 0 {
        text += &format!(" of which {} expired", state.expired);
    }
    if state.starting > 0 {
        text += &format!(", {} starting", state.starting);
    }
    text
}

fn retired(preset: &Preset, state: &State) -> String {
    let cause = if preset.deleted {
        "the template is deleted".to_owned()
    } else if preset.deprecated {
        "the template is deprecated".to_owned()
    } else {
        format!(
            "version {:?} is not the template's active one",
            preset.template_version_name
        )
    };
    format!("{cause}, {} running", state.actual)
}

fn step(action: &Action) -> String {
    match action {
        Action::Backoff { until, failed } => format!(
            "{} failed lately, so nothing is done until {}",
            plural(*failed, "build"),
            time::format(&until.trunc_subsecs(0))
        ),
        Action::Create {
            count,
            blocked_by: Some(block),
        } => {
            let (cause, remedy) = (block.cause(), block.remedy());
            format!("not creating {count} because {cause}; {remedy}")
        }
        action => words(action),
    }
}

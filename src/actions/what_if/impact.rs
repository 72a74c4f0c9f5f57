//! Which pools run below their target once a plan's deletes are done, and for about how long.
//!
//! A pool is a preset name of a template, whatever the version: workspaces of a version that is no
//! longer active can't be claimed, so that only the preset in use has ready ones, while builds of
//! all versions tell how long a build takes.

use std::cmp::Reverse;
use std::collections::HashSet;
use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::actions::state::{Rows, is_expired};
use crate::model::text::{count, plural};
use crate::model::{
    Action, Diagnostic, Plan, Preset, PresetPlan, PresetReference, Snapshot, Time, time,
};

/// How many of the newest builds stand for the coming ones.
const NEWEST: usize = 50;

/// The first build of a live prebuilt workspace, which ended well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BuildTime {
    pub template_id: Uuid,
    pub preset_name: Option<String>,
    /// When the build was asked for.
    pub created_at: Time,
    /// When the build was done and its agents ready.
    pub ready_at: Time,
}

/// A pool that would have fewer ready workspaces than desired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BelowTarget {
    /// Its preset in use.
    pub preset: PresetReference,
    /// That it runs below its target, and for how long.
    pub headline: String,
    /// How many are ready, what the others wait for, and how the time is known.
    pub(super) detail: String,
}

/// How long builds took lately.
struct Typical {
    median: TimeDelta,
    builds: usize,
    /// Whether they are the template's, because the pool itself has none.
    of_template: bool,
}

impl BelowTarget {
    fn new(entry: &PresetPlan, ready: i64, typical: Option<&Typical>, paused: bool) -> Self {
        let (length, basis) = match typical {
            Some(typical) => {
                let builds = plural(typical.builds, "build");
                let of = if typical.of_template {
                    " of the template"
                } else {
                    ""
                };
                let basis = format!(" (median of {builds}{of} lately)");
                (format!("about {}", about(typical.median)), basis)
            }
            None => (
                "an unknown time".to_owned(),
                " (no build times are known)".to_owned(),
            ),
        };
        let built = format!("until the new ones are built{basis}");
        let pause = if paused {
            "until reconciliation is resumed, then "
        } else {
            ""
        };
        let decisive = entry
            .actions
            .iter()
            .find(|action| matches!(action, Action::Backoff { .. } | Action::Create { .. }));
        let (span, wait) = match decisive {
            Some(Action::Backoff { until, .. }) => {
                let until = time::format(until);
                (format!("{pause}until {until} and for {length}"), built)
            }
            Some(Action::Create {
                blocked_by: Some(_),
                ..
            }) => (
                format!("{pause}for as long as creating is blocked"),
                "and no new ones are made".to_owned(),
            ),
            None if entry.left_alone().is_some() => (
                "for as long as passes leave it alone".to_owned(),
                "and no new ones are made".to_owned(),
            ),
            None if entry.state.starting == 0 => (
                "for an unknown time".to_owned(),
                "until the agents of the others are".to_owned(),
            ),
            _ => (format!("{pause}for {length}"), built),
        };
        Self {
            preset: entry.preset.clone(),
            headline: format!("runs below its target {span}"),
            detail: format!("{ready} of {} ready {wait}", entry.state.desired),
        }
    }

    pub(super) fn diagnostic(&self) -> Diagnostic {
        Diagnostic::warning(
            "below_target",
            format!("{}: {}", self.headline, self.detail),
        )
    }
}

/// The pools of `plan`, which is that of `snapshot`, that would run below their target.
pub(super) fn below_target(
    plan: &Plan,
    snapshot: &Snapshot,
    build_times: &[BuildTime],
) -> Vec<BelowTarget> {
    let rows = Rows::by_preset(snapshot);
    let pools = snapshot.presets.iter().zip(&rows).zip(&plan.presets);
    pools
        .filter(|((preset, _), _)| preset.is_active())
        .filter_map(|((preset, rows), entry)| {
            let ready = ready_after(preset, rows, entry, plan.planned_at);
            (ready < entry.state.desired).then(|| {
                let typical = typical(preset.template_id, &preset.name, build_times);
                BelowTarget::new(entry, ready, typical.as_ref(), plan.reconciliation_paused)
            })
        })
        .collect()
}

/// How many ready and unexpired workspaces the deletes leave.
fn ready_after(preset: &Preset, rows: &Rows<'_>, entry: &PresetPlan, now: Time) -> i64 {
    let deleted: HashSet<Uuid> = entry
        .actions
        .iter()
        .filter_map(|action| match action {
            Action::Delete { workspace_ids, .. } => Some(workspace_ids),
            _ => None,
        })
        .flatten()
        .copied()
        .collect();
    let stay = rows.running.iter().filter(|workspace| {
        workspace.ready && !deleted.contains(&workspace.id) && !is_expired(preset, workspace, now)
    });
    count(stay.count())
}

/// The median of the pool's newest builds, or else of its template's.
fn typical(template_id: Uuid, preset_name: &str, build_times: &[BuildTime]) -> Option<Typical> {
    let of_template: Vec<&BuildTime> = build_times
        .iter()
        .filter(|build| build.template_id == template_id)
        .collect();
    let of_pool: Vec<&BuildTime> = of_template
        .iter()
        .copied()
        .filter(|build| build.preset_name.as_deref() == Some(preset_name))
        .collect();
    let fall_back = of_pool.is_empty();
    let mut builds = if fall_back { of_template } else { of_pool };
    builds.sort_by_key(|build| Reverse(build.created_at));
    builds.truncate(NEWEST);
    let mut spans: Vec<TimeDelta> = builds
        .iter()
        .map(|build| build.ready_at.signed_duration_since(build.created_at))
        .collect();
    spans.sort_unstable();
    let lower = *spans.get(spans.len().checked_sub(1)? / 2)?;
    let upper = *spans.get(spans.len() / 2)?;
    Some(Typical {
        // Clocks of database and agents can disagree.
        median: ((lower + upper) / 2).max(TimeDelta::zero()),
        builds: spans.len(),
        of_template: fall_back,
    })
}

/// How long builds of a pool took lately, or of its template where the pool has none; none where none is known.
pub(crate) fn median_time(
    template_id: Uuid,
    preset_name: &str,
    build_times: &[BuildTime],
) -> Option<TimeDelta> {
    typical(template_id, preset_name, build_times).map(|typical| typical.median)
}

/// The span to the second while it is short, else to the minute.
fn about(span: TimeDelta) -> String {
    let seconds = u64::try_from(span.num_seconds()).unwrap_or(0).max(1);
    let rounded = if seconds < 120 {
        seconds
    } else {
        (seconds + 30) / 60 * 60
    };
    humantime::format_duration(Duration::from_secs(rounded)).to_string()
}

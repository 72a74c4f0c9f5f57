//! The rows of a snapshot that concern one preset, and the numbers that follow from them.
//!
//! Decides nothing: what to do about the numbers is [`super::plan`]'s. Rows of presets that the
//! snapshot does not hold are dropped here, once, and the cost is linear in the snapshot.

use std::collections::{BTreeSet, HashMap};

use chrono::TimeDelta;
use uuid::Uuid;

use crate::model::text::count;
use crate::model::{
    Backoff, Leftover, PrebuildStatus, Preset, RunningPrebuild, Schedule, Snapshot, State, Time,
    Transition, time,
};

/// What can't be read of a preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Its status has a label that this version doesn't know.
    Status,
    /// A build of it has such a label.
    Build,
    /// A time is beyond what documents can hold.
    Time {
        /// Its table and column, and what of it the id names.
        of: &'static str,
        id: Uuid,
    },
}

impl Unknown {
    fn of_preset(preset: &Preset) -> Option<Self> {
        if preset.prebuild_status == PrebuildStatus::Unknown {
            return Some(Self::Status);
        }
        let mark = preset.last_invalidated_at.as_ref();
        mark.is_some_and(time::is_beyond).then_some(Self::Time {
            of: "template_version_presets.last_invalidated_at of preset",
            id: preset.id,
        })
    }

    fn of_leftover(leftover: &Leftover) -> Option<Self> {
        if leftover.is_unknown() {
            return Some(Self::Build);
        }
        let of = if time::is_beyond(&leftover.created_at) {
            "workspaces.created_at of workspace"
        } else if leftover.last_build_at.as_ref().is_some_and(time::is_beyond) {
            "workspace_builds.created_at of the newest build of workspace"
        } else {
            return None;
        };
        Some(Self::Time {
            of,
            id: leftover.id,
        })
    }
}

/// The rows of one preset.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows<'a> {
    /// Running prebuilt workspaces, oldest first, ties by id.
    pub running: Vec<&'a RunningPrebuild>,
    pub starting: i64,
    pub stopping: i64,
    pub deleting: i64,
    /// Builds that can be cancelled.
    pub pending: i64,
    /// Builds that could be, but that their workspaces have another owner by now.
    pub transferred: i64,
    pub backoff: Option<&'a Backoff>,
    pub hard_limited: bool,
    /// Why no number of the preset is certain, if none is.
    pub unknown: Option<Unknown>,
    /// Schedules, ordered by id.
    pub schedules: Vec<&'a Schedule>,
}

impl<'a> Rows<'a> {
    /// Sorts a snapshot's rows to its presets: one entry for each of them, in the same order.
    pub(crate) fn by_preset(snapshot: &'a Snapshot) -> Vec<Self> {
        let positions: HashMap<Uuid, usize> = snapshot
            .presets
            .iter()
            .enumerate()
            .map(|(n, preset)| (preset.id, n))
            .collect();
        let row = |preset: &Preset| Self {
            unknown: Unknown::of_preset(preset),
            ..Self::default()
        };
        let mut rows: Vec<Self> = snapshot.presets.iter().map(row).collect();
        let mut with = |preset_id: Option<Uuid>, add: &dyn Fn(&mut Self)| {
            if let Some(position) = preset_id.and_then(|id| positions.get(&id)) {
                add(&mut rows[*position]);
            }
        };
        for workspace in &snapshot.running {
            with(workspace.preset_id, &|rows| rows.running.push(workspace));
        }
        for builds in &snapshot.in_progress {
            with(builds.preset_id, &|rows| {
                let sum = match builds.transition {
                    Transition::Start => &mut rows.starting,
                    Transition::Stop => &mut rows.stopping,
                    Transition::Delete => &mut rows.deleting,
                    Transition::Unknown => {
                        rows.unknown = Some(Unknown::Build);
                        return;
                    }
                };
                *sum = sum.saturating_add(builds.count.max(0));
            });
        }
        for pending in &snapshot.pending {
            with(Some(pending.preset_id), &|rows| {
                let transferred = pending.transferred.max(0);
                let own = pending.count.saturating_sub(transferred).max(0);
                rows.pending = rows.pending.saturating_add(own);
                rows.transferred = rows.transferred.saturating_add(transferred);
            });
        }
        for backoff in &snapshot.backoffs {
            with(Some(backoff.preset_id), &|rows| {
                rows.backoff = Some(backoff)
            });
        }
        for limited in &snapshot.hard_limited {
            with(Some(limited.preset_id), &|rows| rows.hard_limited = true);
        }
        for leftover in &snapshot.leftovers {
            if let Some(unknown) = Unknown::of_leftover(leftover) {
                with(leftover.preset_id, &|rows| rows.unknown = Some(unknown));
            }
        }
        for schedule in &snapshot.schedules {
            with(Some(schedule.preset_id), &|rows| {
                rows.schedules.push(schedule)
            });
        }
        for rows in &mut rows {
            rows.running
                .sort_by_key(|workspace| (workspace.created_at, workspace.id));
            rows.schedules.sort_by_key(|schedule| schedule.id);
        }
        rows
    }
}

/// The presets that are passed over: those out of use of which nothing is left, as coderd does, and
/// those of which not all can be read.
pub(crate) fn passed_over(snapshot: &Snapshot) -> BTreeSet<Uuid> {
    let rows = Rows::by_preset(snapshot);
    let is_passed_over = |(preset, rows): &(&Preset, Rows<'_>)| {
        let is_left = !rows.running.is_empty()
            || rows.pending > 0
            || rows.transferred > 0
            || rows.backoff.is_some();
        rows.unknown.is_some() || !preset.is_active() && !is_left
    };
    let presets = snapshot.presets.iter().zip(rows).filter(is_passed_over);
    presets.map(|(preset, _)| preset.id).collect()
}

/// Running prebuilt workspaces of one preset, by category, and the preset's numbers.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub state: State,
    /// Expired workspaces, oldest first.
    pub expired: Vec<Uuid>,
    /// The others, oldest first.
    pub unexpired: Vec<Uuid>,
}

impl Pool {
    /// Counts a preset's rows at `now`. `desired` is 0 for an inactive preset.
    pub(crate) fn new(preset: &Preset, rows: &Rows<'_>, desired: i64, now: Time) -> Self {
        let (expired, unexpired): (Vec<&RunningPrebuild>, Vec<_>) = rows
            .running
            .iter()
            .partition(|workspace| is_expired(preset, workspace, now));
        let mut state = State {
            actual: count(rows.running.len()),
            expired: count(expired.len()),
            starting: rows.starting,
            stopping: rows.stopping,
            deleting: rows.deleting,
            ..State::default()
        };
        if preset.is_active() {
            state.desired = desired;
            state.eligible = count(unexpired.iter().filter(|workspace| workspace.ready).count());
            state.extraneous = extraneous(count(unexpired.len()), desired);
        }
        let ids = |workspaces: Vec<&RunningPrebuild>| {
            workspaces
                .into_iter()
                .map(|workspace| workspace.id)
                .collect()
        };
        Self {
            state,
            expired: ids(expired),
            unexpired: ids(unexpired),
        }
    }
}

/// How many of these running workspaces are beyond the desired ones. Builds that start never make a running
/// workspace surplus: they may still fail.
pub(crate) fn extraneous(unexpired: i64, desired: i64) -> i64 {
    (unexpired - desired).max(0)
}

/// How many workspaces are missing, those that start counted as there; none at 0 and below.
pub(crate) fn missing(unexpired: i64, starting: i64, desired: i64) -> i64 {
    (desired - unexpired).saturating_sub(starting)
}

/// Whether a workspace is too old: strictly older than the ttl, or created strictly before the
/// last invalidation. A ttl of 0 and below means none.
pub(crate) fn is_expired(preset: &Preset, workspace: &RunningPrebuild, now: Time) -> bool {
    last_unexpired(preset, workspace).is_some_and(|last| now > last)
        || preset
            .last_invalidated_at
            .is_some_and(|instant| workspace.created_at < instant)
}

/// The last instant at which a workspace is not too old by its ttl; none when there is no end.
pub(crate) fn last_unexpired(preset: &Preset, workspace: &RunningPrebuild) -> Option<Time> {
    end_of_ttl(preset.ttl_secs, workspace.created_at)
}

/// The same for a ttl in seconds and a time of creation.
pub(crate) fn end_of_ttl(ttl_secs: Option<i64>, created_at: Time) -> Option<Time> {
    // A ttl too large for a time span, or beyond the calendar, is longer than any age.
    let secs = ttl_secs.filter(|secs| *secs > 0)?;
    created_at.checked_add_signed(TimeDelta::try_seconds(secs)?)
}

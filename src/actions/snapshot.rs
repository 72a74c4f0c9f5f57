//! From raw rows to a snapshot: tells running from leftover and failures from back-off.
//!
//! Both databases hand over the same facts, and their meaning is worked out here once, in pure
//! code: no SQL, no clock. Every live workspace of the prebuilds user ends up in exactly one of
//! `running`, `leftovers` and the counts of `in_progress`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use chrono::TimeDelta;
use uuid::Uuid;

use super::back_off::failures;
use crate::model::facts::{BackoffChanges, Facts, LatestBuild, Prebuild, UnfinishedBuild};
use crate::model::settings::Tuning;
use crate::model::{
    Backoff, FormatVersion, HardLimited, InProgress, JobStatus, Leftover, PREBUILDS_USER_ID,
    Pending, Preset, RunningPrebuild, Snapshot, Time, Transition, time,
};

impl Prebuild {
    /// Whether a time of it is beyond what documents can hold, so that nothing can be made of it.
    fn is_beyond_time(&self) -> bool {
        let build = self.latest_build.as_ref();
        time::is_beyond(&self.created_at) || build.is_some_and(|it| time::is_beyond(&it.created_at))
    }
}

impl LatestBuild {
    fn is_running_workspace(&self) -> bool {
        self.transition == Transition::Start && self.job_status == JobStatus::Succeeded
    }

    fn is_unknown(&self) -> bool {
        self.transition == Transition::Unknown || self.job_status == JobStatus::Unknown
    }

    fn is_counted_in_progress(&self) -> bool {
        self.job_status.is_in_progress()
            && self.on_active_version
            && self.initiator_id == PREBUILDS_USER_ID
    }
}

impl Facts {
    /// The latest build of every running prebuilt workspace: what a plan that deletes it relies on.
    pub(crate) fn running_builds(&self) -> BTreeMap<Uuid, Uuid> {
        self.prebuilds
            .iter()
            .filter_map(|prebuild| Some((prebuild.id, prebuild.latest_build.as_ref()?)))
            .filter(|(_, build)| build.is_running_workspace())
            .map(|(workspace, build)| (workspace, build.id))
            .collect()
    }

    /// The jobs of the builds that a plan cancels, by preset.
    pub(crate) fn pending_jobs(&self) -> BTreeMap<Uuid, Vec<Uuid>> {
        let mut jobs: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
        let own = pending_builds(&self.unfinished).filter(|(_, build)| build.is_prebuild);
        for (preset_id, build) in own {
            jobs.entry(preset_id).or_default().push(build.job_id);
        }
        jobs
    }

    /// How the back-offs of the snapshot at `from` change until `to` while failures leave the
    /// look-back: the back-off of each preset from an instant on, in order of time.
    pub(crate) fn backoff_changes(&self, from: Time, to: Time, tuning: &Tuning) -> BackoffChanges {
        let mut changes = BackoffChanges::new();
        for run in runs_of_builds(&self.prebuilds, &self.presets) {
            // The last instant at which a failure counts is within the look-back.
            let instants: BTreeSet<Time> = run
                .builds
                .iter()
                .filter(|build| build.job_status == JobStatus::Failed)
                .filter_map(|build| build.created_at.checked_add_signed(tuning.backoff_lookback))
                .filter_map(|last| last.checked_add_signed(TimeDelta::microseconds(1)))
                .filter(|instant| from < *instant && *instant < to)
                .collect();
            let rest = |instant| (instant, backoff(&run, instant, tuning));
            if backoff(&run, from, tuning).is_some() && !instants.is_empty() {
                changes.insert(run.preset_id, instants.into_iter().map(rest).collect());
            }
        }
        changes
    }

    /// The snapshot at `now`, its arrays in the document's order.
    pub(crate) fn into_snapshot(self, now: Time, tuning: &Tuning) -> Snapshot {
        // Schedules of presets without a pool decide nothing.
        let active = self.presets.iter().filter(|preset| preset.is_active());
        let active: HashSet<Uuid> = active.map(|preset| preset.id).collect();
        let mut schedules = self.schedules;
        schedules.retain(|schedule| active.contains(&schedule.preset_id));
        let mut snapshot = Snapshot {
            version: FormatVersion,
            taken_at: now,
            reconciliation_paused: self.pause.holds(now),
            backoffs: Vec::new(),
            hard_limited: Vec::new(),
            presets: self.presets,
            schedules,
            running: Vec::new(),
            in_progress: in_progress(&self.unfinished),
            pending: pending(&self.unfinished),
            leftovers: Vec::new(),
            claimed: self.claimed,
        };
        let runs = runs_of_builds(&self.prebuilds, &snapshot.presets);
        for run in &runs {
            snapshot.backoffs.extend(backoff(run, now, tuning));
            snapshot.hard_limited.extend(hard_limit(run, tuning));
        }
        for prebuild in self.prebuilds {
            let readable = !prebuild.is_beyond_time();
            match &prebuild.latest_build {
                Some(build) if readable && build.is_running_workspace() => {
                    snapshot.running.push(RunningPrebuild {
                        template_version_id: build.template_version_id,
                        ready: build.ready,
                        unready_since: build.ended_at.filter(|_| !build.ready),
                        out_of_contact_since: build.out_of_contact_since,
                        id: prebuild.id,
                        name: prebuild.name,
                        template_id: prebuild.template_id,
                        preset_id: prebuild.preset_id,
                        created_at: prebuild.created_at,
                    });
                }
                Some(build) if readable && build.is_counted_in_progress() => {}
                latest_build => snapshot.leftovers.push(Leftover {
                    template_version_id: latest_build.as_ref().map(|b| b.template_version_id),
                    transition: latest_build.as_ref().map(|b| b.transition),
                    job_status: latest_build.as_ref().map(|b| b.job_status),
                    last_build_at: latest_build.as_ref().map(|b| b.created_at),
                    id: prebuild.id,
                    name: prebuild.name,
                    template_id: prebuild.template_id,
                    preset_id: prebuild.preset_id.or_else(|| {
                        // It may be the start of a workspace for the pool.
                        let unknown = latest_build.as_ref().filter(|b| b.is_unknown())?;
                        unknown.preset_id
                    }),
                    created_at: prebuild.created_at,
                }),
            }
        }
        snapshot.sort();
        snapshot
    }
}

/// Latest builds of live workspaces on an active version, counted by what they do for whom.
fn in_progress(unfinished: &[UnfinishedBuild]) -> Vec<InProgress> {
    let mut counts: BTreeMap<(Uuid, Uuid, Option<Uuid>, Transition), i64> = BTreeMap::new();
    for build in unfinished {
        if let Some(template_id) = build.template_id
            && build.on_active_version
            && build.is_live
            && build.is_latest
        {
            let key = (
                template_id,
                build.template_version_id,
                build.preset_id,
                build.transition,
            );
            *counts.entry(key).or_default() += 1;
        }
    }
    let row = |((template_id, template_version_id, preset_id, transition), count)| InProgress {
        template_id,
        template_version_id,
        preset_id,
        transition,
        count,
    };
    counts.into_iter().map(row).collect()
}

/// First start builds on a version that is no longer the active one, which no provisioner has begun,
/// each with its preset: these can be cancelled while their workspaces are the prebuilds user's.
fn pending_builds(
    unfinished: &[UnfinishedBuild],
) -> impl Iterator<Item = (Uuid, &UnfinishedBuild)> {
    unfinished
        .iter()
        .filter(|build| {
            build.is_untouched
                && build.is_first
                && build.transition == Transition::Start
                && !build.on_active_version_of_workspace
        })
        .filter_map(|build| Some((build.preset_id?, build)))
}

fn pending(unfinished: &[UnfinishedBuild]) -> Vec<Pending> {
    let mut rows: BTreeMap<Uuid, Pending> = BTreeMap::new();
    for (preset_id, build) in pending_builds(unfinished) {
        let row = rows.entry(preset_id).or_insert(Pending {
            preset_id,
            count: 0,
            transferred: 0,
        });
        row.count += 1;
        row.transferred += i64::from(!build.is_prebuild);
    }
    rows.into_values().collect()
}

/// The latest start builds of one preset on one active version, newest first.
struct Run<'a> {
    template_version_id: Uuid,
    preset_id: Uuid,
    /// The preset's configured count, which is how many builds a back-off looks at.
    desired_instances: i64,
    builds: Vec<&'a LatestBuild>,
}

/// Groups the builds that failures are judged by: latest builds with transition start, of live
/// workspaces of the prebuilds user, on an active version, naming a preset with prebuilds
/// configured. Ties in time are broken by id, so that equal input gives equal output.
fn runs_of_builds<'a>(prebuilds: &'a [Prebuild], presets: &[Preset]) -> Vec<Run<'a>> {
    let configured: BTreeMap<Uuid, i64> = presets
        .iter()
        .map(|preset| (preset.id, preset.desired_instances))
        .collect();
    let mut runs: BTreeMap<Uuid, Run<'a>> = BTreeMap::new();
    for build in prebuilds.iter().filter_map(|it| it.latest_build.as_ref()) {
        if let Some(preset_id) = build.preset_id
            && let Some(&desired_instances) = configured.get(&preset_id)
            && build.transition == Transition::Start
            && build.on_active_version
        {
            let run = runs.entry(preset_id).or_insert_with(|| Run {
                template_version_id: build.template_version_id,
                preset_id,
                desired_instances,
                builds: Vec::new(),
            });
            run.builds.push(build);
        }
    }
    for run in runs.values_mut() {
        run.builds
            .sort_by_key(|build| (Reverse(build.created_at), build.id));
    }
    runs.into_values().collect()
}

fn backoff(run: &Run<'_>, now: Time, tuning: &Tuning) -> Option<Backoff> {
    let builds = run.builds.iter().map(|build| {
        let failed = build.job_status == JobStatus::Failed && !build.template_deleted;
        (build.created_at, failed)
    });
    let (num_failed, last_build_at) = failures(builds, run.desired_instances, now, tuning)?;
    Some(Backoff {
        template_version_id: run.template_version_id,
        preset_id: run.preset_id,
        num_failed,
        last_build_at,
    })
}

/// A preset is hard limited when it has at least `failure_hard_limit` builds and the newest of them
/// all failed, however long ago.
fn hard_limit(run: &Run<'_>, tuning: &Tuning) -> Option<HardLimited> {
    let limit = usize::try_from(tuning.failure_hard_limit).unwrap_or(0);
    let newest = run
        .builds
        .get(..limit)
        .filter(|newest| !newest.is_empty())?;
    newest
        .iter()
        .all(|build| build.job_status == JobStatus::Failed)
        .then_some(HardLimited {
            template_version_id: run.template_version_id,
            preset_id: run.preset_id,
        })
}

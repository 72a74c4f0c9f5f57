//! How long builds take, how long jobs wait for a worker, and how many builds are asked for.
//!
//! Only on databases of our own: coderd observes the same as it happens. A loop sees it in the
//! database a little later, by looking at what has happened since it looked last, and counts from its
//! own start on, whichever process did the work. Two loops both count everything. What is counted is
//! worked out without a clock and without a database.

use std::collections::HashMap;

use anyhow::Result;
use chrono::TimeDelta;
use prometheus::core::Collector as _;
use prometheus::proto::MetricFamily;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, Opts};
use uuid::Uuid;

use crate::builds::Stage;
use crate::model::Time;
use crate::store::{JobTiming, TimedBuild};

/// How far back to look again: rows become visible a while after the time in them. One that takes
/// longer is missed.
const OVERLAP: TimeDelta = TimeDelta::minutes(1);

/// The build reason of what pools ask for.
const PREBUILD: &str = "prebuild";

/// Only attempts that worked are in a database.
const SUCCESS: &str = "success";

/// The shortest wait that is shown, in seconds, as in coderd.
const SHORTEST_WAIT: f64 = 0.001;

/// What has been observed since the loop began.
pub(crate) struct Timings {
    claim: HistogramVec,
    creation: HistogramVec,
    queue_wait: HistogramVec,
    enqueued: IntCounterVec,
}

impl Timings {
    /// Nothing observed yet.
    ///
    /// # Errors
    /// Never, as long as the names below are valid.
    pub(crate) fn new() -> Result<Self> {
        let histogram = |name: &str, help: &str, labels: &[&str], buckets: &[f64]| {
            let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
            HistogramVec::new(options, labels)
        };
        Ok(Self {
            claim: histogram(
                "coderd_prebuilt_workspace_claim_duration_seconds",
                "How long the builds of claims ran, waiting not included.",
                &["organization_name", "template_name", "preset_name"],
                &[1.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 180.0, 240.0, 300.0],
            )?,
            creation: histogram(
                "coderd_workspace_creation_duration_seconds",
                "How long the first builds of workspaces ran, waiting not included.",
                &["organization_name", "template_name", "preset_name", "type"],
                &[1.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0],
            )?,
            queue_wait: histogram(
                "coderd_provisioner_job_queue_wait_seconds",
                "How long jobs waited until a provisioner took them.",
                &["provisioner_type", "job_type", "transition", "build_reason"],
                &[
                    0.1, 0.5, 1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0,
                ],
            )?,
            enqueued: IntCounterVec::new(
                Opts::new(
                    "coderd_workspace_builds_enqueued_total",
                    "Workspace builds that were asked for.",
                ),
                &["provisioner_type", "build_reason", "transition", "status"],
            )?,
        })
    }

    pub(super) fn collect(&self) -> Vec<MetricFamily> {
        let mut families = self.claim.collect();
        families.extend(self.creation.collect());
        families.extend(self.queue_wait.collect());
        families.extend(self.enqueued.collect());
        families
    }

    /// Counts what is new about a job.
    pub(super) fn observe(&self, job: &JobTiming, news: Events) {
        if news.made
            && let Some(build) = &job.build
        {
            let reason = match build.stage {
                Some(Stage::Create) => PREBUILD,
                Some(Stage::Claim) | None => &build.reason,
            };
            let labels = [&job.provisioner, reason, &build.transition, SUCCESS];
            self.enqueued.with_label_values(&labels).inc();
        }
        if news.taken
            && let Some(taken_at) = job.taken_at
        {
            let (transition, reason) = match &job.build {
                Some(build) => (build.transition.as_str(), build.reason.as_str()),
                None => ("", ""),
            };
            let reason = match job.by_prebuilds_user {
                true => PREBUILD,
                false => reason,
            };
            self.queue_wait
                .with_label_values(&[&job.provisioner, &job.job_type, transition, reason])
                .observe(seconds(job.created_at, taken_at).max(SHORTEST_WAIT));
        }
        if news.succeeded
            && let Some((began, ended)) = job.succeeded
            && let Some(build) = &job.build
        {
            self.observe_build(build, seconds(began, ended));
        }
    }

    /// Start builds count: those of pools and of claims, and the first ones of other workspaces.
    fn observe_build(&self, build: &TimedBuild, seconds: f64) {
        if build.transition != "start" {
            return;
        }
        let of = [
            build.organization.as_str(),
            build.template.as_str(),
            build.preset.as_str(),
        ];
        let [organization, template, preset] = of;
        let creation = |kind| {
            let labels = [organization, template, preset, kind];
            self.creation.with_label_values(&labels).observe(seconds);
        };
        match build.stage {
            Some(Stage::Claim) => self.claim.with_label_values(&of).observe(seconds),
            Some(Stage::Create) => creation("prebuild"),
            None if build.is_first => creation("regular"),
            None => {}
        }
    }
}

/// Seconds from one time to another; 0 where clocks disagree about the order.
fn seconds(from: Time, to: Time) -> f64 {
    (to - from).to_std().unwrap_or_default().as_secs_f64()
}

/// What has happened to a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Events {
    pub made: bool,
    pub taken: bool,
    pub succeeded: bool,
}

/// Finds what is new since the last look.
///
/// Looks overlap, so that one event is seen several times. It counts when it is seen first, and only
/// if it happened after `since`: what a job went through before was counted while it was still
/// remembered, or lies before the beginning. The times in the database move the window on, since the
/// clocks of those who write them need not agree with this one. A job that another worker takes over
/// long after the first one had taken it counts as taken once more.
#[derive(Clone, Debug)]
pub(super) struct Window {
    since: Time,
    /// The latest event of all, but not beyond the time at which it was read.
    latest: Time,
    counted: HashMap<Uuid, Events>,
}

impl Window {
    /// Nothing before `begin` counts.
    pub(super) fn new(begin: Time) -> Self {
        Self {
            since: begin,
            latest: begin,
            counted: HashMap::new(),
        }
    }

    pub(super) fn since(&self) -> Time {
        self.since
    }

    /// What is new about jobs that were read at `now`, all of those with an event after
    /// [`Window::since`]. Moves the window on.
    pub(super) fn news(&mut self, jobs: &[JobTiming], now: Time) -> Vec<Events> {
        let mut counted = HashMap::with_capacity(jobs.len());
        let mut all = Vec::with_capacity(jobs.len());
        for job in jobs {
            let before = self.counted.remove(&job.id).unwrap_or_default();
            let mut is_new = |at: Option<Time>, counted: bool| {
                self.latest = at.map_or(self.latest, |at| self.latest.max(at.min(now)));
                !counted && at.is_some_and(|at| at > self.since)
            };
            let news = Events {
                made: is_new(Some(job.created_at), before.made),
                taken: is_new(job.taken_at, before.taken),
                succeeded: is_new(job.succeeded.map(|(_, ended)| ended), before.succeeded),
            };
            let both = Events {
                made: before.made || news.made,
                taken: before.taken || news.taken,
                succeeded: before.succeeded || news.succeeded,
            };
            counted.insert(job.id, both);
            all.push(news);
        }
        self.counted = counted;
        let overlapping = self.latest.checked_sub_signed(OVERLAP);
        self.since = overlapping.map_or(self.since, |it| it.max(self.since));
        all
    }
}

#[cfg(test)]
mod tests;

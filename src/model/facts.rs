//! Facts: rows as databases hold them, before anything is made of them.
//!
//! The store fills these, the calculations read them, and neither knows of the other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use uuid::Uuid;

use super::pause::Pause;
use super::{Backoff, ClaimedWorkspace, JobStatus, Preset, Schedule, Time, Transition};

/// Everything that is read from a database for a snapshot, in one transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub pause: Pause,
    pub presets: Vec<Preset>,
    /// Schedules of presets with prebuilds configured: at least those of active versions.
    pub schedules: Vec<Schedule>,
    pub prebuilds: Vec<Prebuild>,
    pub unfinished: Vec<UnfinishedBuild>,
    /// People's workspaces; none on Coder's database.
    pub claimed: Vec<ClaimedWorkspace>,
}

impl Facts {
    /// The ids of the workspaces and of the unfinished jobs: what a pass adds to shows in these.
    pub(crate) fn known(&self) -> BTreeSet<Uuid> {
        let workspaces = self.prebuilds.iter().map(|it| it.id);
        let jobs = self.unfinished.iter().map(|it| it.job_id);
        workspaces.chain(jobs).collect()
    }
}

/// A build that the prebuilds user started and whose job is pending or running.
#[derive(Clone, Debug)]
pub(crate) struct UnfinishedBuild {
    pub job_id: Uuid,
    /// Template of the build's version; none when the version belongs to none.
    pub template_id: Option<Uuid>,
    pub workspace_template_id: Uuid,
    pub template_version_id: Uuid,
    /// Preset that the build itself names.
    pub preset_id: Option<Uuid>,
    pub transition: Transition,
    /// Whether it has number 1.
    pub is_first: bool,
    /// Whether its workspace has no later one.
    pub is_latest: bool,
    /// Whether its job is pending and was never given to a worker.
    pub is_untouched: bool,
    /// Whether its workspace is not deleted, claimed or not.
    pub is_live: bool,
    /// Whether its workspace is the prebuilds user's.
    pub is_prebuild: bool,
    /// Whether its version is the active one of the version's template.
    pub on_active_version: bool,
    /// Whether its version is the active one of the workspace's template.
    pub on_active_version_of_workspace: bool,
}

/// A live workspace of the prebuilds user.
#[derive(Clone, Debug)]
pub(crate) struct Prebuild {
    pub id: Uuid,
    pub name: String,
    pub template_id: Uuid,
    pub created_at: Time,
    /// Preset of the newest start build that names one.
    pub preset_id: Option<Uuid>,
    /// The build with the highest number, if there is any.
    pub latest_build: Option<LatestBuild>,
}

/// The build of a workspace with the highest number.
#[derive(Clone, Debug)]
pub(crate) struct LatestBuild {
    pub id: Uuid,
    pub template_version_id: Uuid,
    /// Preset that the build itself names.
    pub preset_id: Option<Uuid>,
    pub transition: Transition,
    pub job_status: JobStatus,
    pub created_at: Time,
    pub initiator_id: Uuid,
    /// Whether its version is the active one of the version's template.
    pub on_active_version: bool,
    /// Whether the version's template is marked deleted.
    pub template_deleted: bool,
    /// Whether the job's resources have at least one agent, all of them ready; agents that are
    /// deleted or sub-agents don't count.
    pub ready: bool,
    /// Last contact with the agents that are out of contact, the earliest of them.
    pub out_of_contact_since: Option<Time>,
    /// When its job ended.
    pub ended_at: Option<Time>,
}

/// What prebuilt workspaces of an organization may cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub organization: String,
    /// Sum of the allowances of all groups of the prebuilds user.
    pub allowance: i64,
    /// Whether anything of a pool there costs.
    pub has_costs: bool,
}

/// A provisioner daemon.
#[derive(Clone, Debug)]
pub(crate) struct Provisioner {
    /// Organization that it serves.
    pub organization_id: Uuid,
    pub name: String,
    /// Provisioner types that it offers.
    pub types: Vec<String>,
    /// Tags that it offers.
    pub tags: BTreeMap<String, String>,
    /// Whether it takes jobs of any tags, as workers of ours without tags do.
    pub takes_all: bool,
}

impl Provisioner {
    /// It counts as alive when it was seen within this time: it reports every 60 seconds.
    pub(crate) const STALE_AFTER: TimeDelta = TimeDelta::seconds(90);
}

/// Waiting jobs of a pool that ask the same of a provisioner.
#[derive(Clone, Debug)]
pub(crate) struct QueuedTags {
    pub preset_id: Uuid,
    pub organization_id: Uuid,
    /// Provisioner type.
    pub provisioner: String,
    pub tags: BTreeMap<String, String>,
    /// How many jobs.
    pub jobs: i64,
}

/// The mark of a preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub id: Uuid,
    /// What was created before counts as expired.
    pub at: Time,
}

/// How the failures of presets cease to count: the back-off of each preset from an instant on, in
/// order of time. A preset that is not in here keeps the snapshot's.
pub(crate) type BackoffChanges = BTreeMap<Uuid, Vec<(Time, Option<Backoff>)>>;

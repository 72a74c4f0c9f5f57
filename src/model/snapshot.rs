//! What is: the state of all pools at one instant, as the snapshot document holds it.
//!
//! Rows as they are, each in the order of its document's keys. What follows from them is worked out
//! in [`crate::actions`].

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ClaimedWorkspace, FormatVersion, Time};
use crate::model::time;

/// The state of all pools at one instant.
///
/// Ids are unique within their list, a workspace is either in `running` or in `leftovers`, and
/// schedules name presets of the document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    pub version: FormatVersion,
    /// The instant that the snapshot stands for.
    #[serde(with = "time")]
    #[schemars(with = "Time")]
    pub taken_at: Time,
    /// Whether reconciliation is paused in the settings.
    #[serde(default)]
    pub reconciliation_paused: bool,
    /// Every preset with prebuilds configured, of active and inactive template versions.
    #[serde(default)]
    pub presets: Vec<Preset>,
    /// Schedules of presets of active template versions.
    #[serde(default)]
    pub schedules: Vec<Schedule>,
    /// Live prebuilt workspaces whose latest build is a succeeded start.
    #[serde(default)]
    pub running: Vec<RunningPrebuild>,
    /// Latest builds that are pending or running, for active template versions.
    #[serde(default)]
    pub in_progress: Vec<InProgress>,
    /// Never-started initial start jobs of inactive template versions, which can be cancelled.
    #[serde(default)]
    pub pending: Vec<Pending>,
    /// Presets with recent failures.
    #[serde(default)]
    pub backoffs: Vec<Backoff>,
    /// Presets whose newest builds all failed.
    #[serde(default)]
    pub hard_limited: Vec<HardLimited>,
    /// Every other live workspace of the prebuilds user. The calculation ignores them, but for
    /// those in an unknown state: their presets are left alone.
    #[serde(default)]
    pub leftovers: Vec<Leftover>,
    /// Live workspaces that people have claimed, on a database of our own; none on Coder's.
    #[serde(default)]
    pub claimed: Vec<ClaimedWorkspace>,
}

impl Snapshot {
    /// Organizations with pools, also of versions out of use, by id.
    pub fn organizations(&self) -> Vec<Uuid> {
        let ids = self.presets.iter().map(|preset| preset.organization_id);
        ids.collect::<BTreeSet<Uuid>>().into_iter().collect()
    }
}

/// A preset of a template version with prebuilds configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    pub id: Uuid,
    /// Preset name, unique within its template version.
    pub name: String,
    pub organization_id: Uuid,
    pub organization_name: String,
    pub template_id: Uuid,
    pub template_name: String,
    pub template_version_id: Uuid,
    pub template_version_name: String,
    pub using_active_version: bool,
    /// Whether the template is marked deleted.
    #[serde(default)]
    pub deleted: bool,
    #[serde(default)]
    pub deprecated: bool,
    /// Wanted number of prebuilt workspaces outside schedules; a negative one counts as 0.
    #[schemars(range(min = i64::MIN))]
    pub desired_instances: i64,
    /// Age in seconds after which a prebuilt workspace expires; none or 0 and below: never.
    #[serde(default)]
    #[schemars(range(min = i64::MIN))]
    pub ttl_secs: Option<i64>,
    /// IANA time zone of the preset's schedules; empty when it has none.
    #[serde(default)]
    pub scheduling_timezone: String,
    #[serde(default)]
    pub prebuild_status: PrebuildStatus,
    /// Prebuilt workspaces created before this instant count as expired.
    #[serde(default, with = "time::option")]
    #[schemars(with = "Option<Time>")]
    pub last_invalidated_at: Option<Time>,
    /// Other desired instances for a while, on a database of our own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scaled: Option<Scaled>,
}

/// Desired instances that hold for a while, whatever the preset and its schedules say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scaled {
    /// A negative number counts as 0.
    #[schemars(range(min = i64::MIN))]
    pub desired_instances: i64,
    /// The first instant at which they hold no longer.
    #[serde(with = "time")]
    #[schemars(with = "Time")]
    pub until: Time,
}

impl Preset {
    /// Whether its template is in use with another version.
    pub fn is_superseded(&self) -> bool {
        !self.using_active_version && !self.deleted && !self.deprecated
    }

    /// Whether a pool is kept for this preset: its version is the active one of a template that is
    /// neither deleted nor deprecated.
    pub fn is_active(&self) -> bool {
        self.using_active_version && !self.deleted && !self.deprecated
    }
}

/// The stored `prebuild_status` of a preset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrebuildStatus {
    /// Nothing is known against the preset.
    #[default]
    Healthy,
    /// Too many builds failed in a row.
    HardLimited,
    /// The preset's parameters or tags can't make a valid build.
    ValidationFailed,
    /// A label that this version doesn't know.
    Unknown,
}

/// A desired count for a range of times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Schedule id; the order of ids decides between schedules.
    pub id: Uuid,
    pub preset_id: Uuid,
    /// Five cron fields, read as a continuous range; the minute must be `*`.
    pub cron_expression: String,
    /// Wanted number while the range holds; a negative one counts as 0.
    #[schemars(range(min = i64::MIN))]
    pub desired_instances: i64,
}

/// A live prebuilt workspace whose latest build is a succeeded start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RunningPrebuild {
    pub id: Uuid,
    pub name: String,
    pub template_id: Uuid,
    /// Template version of the latest build.
    pub template_version_id: Uuid,
    /// Preset of the newest start build that names one.
    #[serde(default)]
    pub preset_id: Option<Uuid>,
    /// Whether there is an agent and every agent is ready.
    pub ready: bool,
    #[serde(with = "time")]
    #[schemars(with = "Time")]
    pub created_at: Time,
    /// Since when it is running without being ready: its agents have had no more time than that. The calculation
    /// doesn't look at it.
    #[serde(
        default,
        with = "time::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<Time>")]
    pub unready_since: Option<Time>,
    /// Last contact with an agent that is out of contact: its host may be gone. The calculation doesn't
    /// look at it.
    #[serde(
        default,
        with = "time::option",
        skip_serializing_if = "Option::is_none"
    )]
    #[schemars(with = "Option<Time>")]
    pub out_of_contact_since: Option<Time>,
}

/// A number of latest builds that are pending or running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InProgress {
    pub template_id: Uuid,
    pub template_version_id: Uuid,
    /// Preset named by the builds themselves.
    #[serde(default)]
    pub preset_id: Option<Uuid>,
    pub transition: Transition,
    /// How many there are; never negative.
    pub count: i64,
}

/// A number of never-started initial builds of an inactive template version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    pub preset_id: Uuid,
    /// How many there are; never negative.
    pub count: i64,
    /// How many of them are of workspaces that have another owner by now, so that they can't be
    /// cancelled.
    #[serde(default)]
    pub transferred: i64,
}

/// Recent failures of a preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Backoff {
    /// Template version of the preset.
    pub template_version_id: Uuid,
    pub preset_id: Uuid,
    /// Failed builds within the look-back; never negative.
    pub num_failed: i64,
    /// When the newest of the failed builds was created.
    #[serde(with = "time")]
    #[schemars(with = "Time")]
    pub last_build_at: Time,
}

/// A preset whose newest builds all failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HardLimited {
    /// Template version of the preset.
    pub template_version_id: Uuid,
    pub preset_id: Uuid,
}

/// A live workspace of the prebuilds user that no pool counts: failed, stopped, cancelled, being
/// cancelled, without a build, in progress on an inactive version, in an unknown state, or with a time
/// beyond the years 0 to 9999, for which the nearest end of them stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leftover {
    pub id: Uuid,
    pub name: String,
    pub template_id: Uuid,
    /// Template version of the latest build.
    #[serde(default)]
    pub template_version_id: Option<Uuid>,
    /// Preset of the newest start build that names one, or of a latest build in an unknown state.
    #[serde(default)]
    pub preset_id: Option<Uuid>,
    #[serde(default)]
    pub transition: Option<Transition>,
    #[serde(default)]
    pub job_status: Option<JobStatus>,
    #[serde(with = "time")]
    #[schemars(with = "Time")]
    pub created_at: Time,
    #[serde(default, with = "time::option")]
    #[schemars(with = "Option<Time>")]
    pub last_build_at: Option<Time>,
}

impl Leftover {
    /// What has become of the workspace, in a word or two.
    pub fn kind(&self) -> &'static str {
        if self.is_beyond_time() {
            return "with a time that can't be read";
        }
        match (self.transition, self.job_status) {
            (None, _) | (_, None) => "without a build",
            (_, Some(JobStatus::Canceled)) => "cancelled",
            (_, Some(JobStatus::Canceling)) => "being cancelled",
            (Some(Transition::Unknown), _) | (_, Some(JobStatus::Unknown)) => "in an unknown state",
            (Some(Transition::Start), Some(JobStatus::Failed)) => "failed",
            (Some(Transition::Stop), Some(JobStatus::Failed)) => "failed to stop",
            (Some(Transition::Delete), Some(JobStatus::Failed)) => "failed to delete",
            (Some(Transition::Start), Some(_)) => "starting",
            (Some(Transition::Stop), Some(JobStatus::Succeeded)) => "stopped",
            (Some(Transition::Stop), Some(_)) => "stopping",
            (Some(Transition::Delete), Some(JobStatus::Succeeded)) => "deleted but not gone",
            (Some(Transition::Delete), Some(_)) => "deleting",
        }
    }

    /// Whether its latest build has a label that this version doesn't know.
    pub fn is_unknown(&self) -> bool {
        self.transition == Some(Transition::Unknown) || self.job_status == Some(JobStatus::Unknown)
    }

    fn is_beyond_time(&self) -> bool {
        time::is_beyond(&self.created_at)
            || self.last_build_at.as_ref().is_some_and(time::is_beyond)
    }

    /// Whether its job is pending or running.
    pub fn is_in_progress(&self) -> bool {
        self.job_status.is_some_and(JobStatus::is_in_progress)
    }
}

/// What a build does with a workspace.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// Creates or starts it.
    Start,
    /// Stops it and keeps its disk.
    Stop,
    /// Removes it for good.
    Delete,
    /// A label that this version doesn't know.
    Unknown,
}

/// The state of a provisioner job, as the database derives it from the job's timestamps.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// No provisioner has taken it.
    Pending,
    /// A provisioner works on it.
    Running,
    Succeeded,
    /// Asked to stop, not ended yet.
    Canceling,
    /// Ended because it was asked to.
    Canceled,
    Failed,
    /// A label that this version doesn't know, or the database's own of this name, which it never
    /// produces.
    Unknown,
}

impl JobStatus {
    /// Whether nobody has asked it to stop, and it has not ended.
    pub(crate) fn is_in_progress(self) -> bool {
        matches!(self, Self::Pending | Self::Running)
    }

    pub(crate) fn has_ended(self) -> bool {
        matches!(self, Self::Succeeded | Self::Canceled | Self::Failed)
    }
}

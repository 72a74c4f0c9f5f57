//! The domain: what a snapshot of all pools holds and what a plan says.
//!
//! Plain data without behaviour beyond small look-ups. It knows no database, no terminal, no
//! clock and no environment. The serialised form of [`Snapshot`] and [`Plan`] *is* version 1 of
//! the interchange documents, so a field renamed or reordered here changes a public format;
//! reading them from untrusted text goes through [`crate::document`], which adds the checks that
//! a type cannot express.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::{Uuid, uuid};

/// The system user that owns every prebuilt workspace until somebody claims it.
pub const PREBUILDS_USER_ID: Uuid = uuid!("c42fdf75-3097-471c-8c33-fb52454d81c0");

/// An instant in UTC with microsecond precision, which is what PostgreSQL stores.
pub type Time = DateTime<Utc>;

/// The version of both interchange documents: always 1, refused otherwise when read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormatVersion;

impl Serialize for FormatVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(1)
    }
}

impl<'de> Deserialize<'de> for FormatVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(de::Error::custom(format_args!(
                "version {other} is not known to this prebuildctl, which reads version 1"
            ))),
        }
    }
}

/// The state of all pools at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// Format version of the document.
    pub version: FormatVersion,
    /// The instant that the snapshot stands for.
    #[serde(with = "rfc3339")]
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
    /// Every other live workspace of the prebuilds user. The calculation ignores them.
    #[serde(default)]
    pub leftovers: Vec<Leftover>,
}

/// A preset of a template version with prebuilds configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preset {
    /// Preset id.
    pub id: Uuid,
    /// Preset name, unique within its template version.
    pub name: String,
    /// Organization of the template.
    pub organization_id: Uuid,
    /// Name of that organization.
    pub organization_name: String,
    /// Template of the version.
    pub template_id: Uuid,
    /// Name of that template.
    pub template_name: String,
    /// Template version that the preset belongs to.
    pub template_version_id: Uuid,
    /// Name of that version.
    pub template_version_name: String,
    /// Whether that version is its template's active one.
    pub using_active_version: bool,
    /// Whether the template is marked deleted.
    #[serde(default)]
    pub deleted: bool,
    /// Whether the template is deprecated.
    #[serde(default)]
    pub deprecated: bool,
    /// Wanted number of prebuilt workspaces outside schedules; a negative one counts as 0.
    pub desired_instances: i64,
    /// Age in seconds after which a prebuilt workspace expires; none or 0 and below: never.
    #[serde(default)]
    pub ttl_secs: Option<i64>,
    /// IANA time zone of the preset's schedules; empty when it has none.
    #[serde(default)]
    pub scheduling_timezone: String,
    /// Stored status.
    #[serde(default)]
    pub prebuild_status: PrebuildStatus,
    /// Prebuilt workspaces created before this instant count as expired.
    #[serde(default, with = "rfc3339::option")]
    pub last_invalidated_at: Option<Time>,
}

impl Preset {
    /// Whether a pool is kept for this preset: its version is the active one of a template that is
    /// neither deleted nor deprecated.
    pub fn is_active(&self) -> bool {
        self.using_active_version && !self.deleted && !self.deprecated
    }
}

/// The stored `prebuild_status` of a preset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrebuildStatus {
    /// Nothing is known against the preset.
    #[default]
    Healthy,
    /// Too many builds failed in a row.
    HardLimited,
    /// The preset's parameters or tags can't make a valid build.
    ValidationFailed,
}

/// A desired count for a range of times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Schedule id; the order of ids decides between schedules.
    pub id: Uuid,
    /// Preset that the schedule belongs to.
    pub preset_id: Uuid,
    /// Five cron fields, read as a continuous range; the minute must be `*`.
    pub cron_expression: String,
    /// Wanted number while the range holds; a negative one counts as 0.
    pub desired_instances: i64,
}

/// A live prebuilt workspace whose latest build is a succeeded start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunningPrebuild {
    /// Workspace id.
    pub id: Uuid,
    /// Workspace name.
    pub name: String,
    /// Template of the workspace.
    pub template_id: Uuid,
    /// Template version of the latest build.
    pub template_version_id: Uuid,
    /// Preset of the newest start build that names one.
    #[serde(default)]
    pub preset_id: Option<Uuid>,
    /// Whether there is an agent and every agent is ready.
    pub ready: bool,
    /// When the workspace was created.
    #[serde(with = "rfc3339")]
    pub created_at: Time,
}

/// A number of latest builds that are pending or running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InProgress {
    /// Template of the builds.
    pub template_id: Uuid,
    /// Template version of the builds.
    pub template_version_id: Uuid,
    /// Preset named by the builds themselves.
    #[serde(default)]
    pub preset_id: Option<Uuid>,
    /// What the builds do.
    pub transition: Transition,
    /// How many there are; never negative.
    pub count: i64,
}

/// A number of never-started initial builds of an inactive template version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pending {
    /// Preset of the builds.
    pub preset_id: Uuid,
    /// How many there are; never negative.
    pub count: i64,
}

/// Recent failures of a preset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backoff {
    /// Template version of the preset.
    pub template_version_id: Uuid,
    /// The preset.
    pub preset_id: Uuid,
    /// Failed builds within the look-back; never negative.
    pub num_failed: i64,
    /// When the newest of the failed builds was created.
    #[serde(with = "rfc3339")]
    pub last_build_at: Time,
}

/// A preset whose newest builds all failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HardLimited {
    /// Template version of the preset.
    pub template_version_id: Uuid,
    /// The preset.
    pub preset_id: Uuid,
}

/// A live workspace of the prebuilds user that no pool counts: failed, stopped, cancelled, being
/// cancelled, without a build, or in progress on an inactive version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leftover {
    /// Workspace id.
    pub id: Uuid,
    /// Workspace name.
    pub name: String,
    /// Template of the workspace.
    pub template_id: Uuid,
    /// Template version of the latest build.
    #[serde(default)]
    pub template_version_id: Option<Uuid>,
    /// Preset of the newest start build that names one.
    #[serde(default)]
    pub preset_id: Option<Uuid>,
    /// Transition of the latest build.
    #[serde(default)]
    pub transition: Option<Transition>,
    /// Job status of the latest build.
    #[serde(default)]
    pub job_status: Option<JobStatus>,
    /// When the workspace was created.
    #[serde(with = "rfc3339")]
    pub created_at: Time,
    /// When the latest build was created.
    #[serde(default, with = "rfc3339::option")]
    pub last_build_at: Option<Time>,
}

impl Leftover {
    /// What has become of the workspace, in a word or two.
    pub fn kind(&self) -> &'static str {
        match (self.transition, self.job_status) {
            (None, _) | (_, None) => "without a build",
            (_, Some(JobStatus::Canceled)) => "cancelled",
            (_, Some(JobStatus::Canceling)) => "being cancelled",
            (_, Some(JobStatus::Unknown)) => "in an unknown state",
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

    /// Whether a provisioner has work to do on it, or will.
    pub fn is_in_progress(&self) -> bool {
        matches!(
            self.job_status,
            Some(JobStatus::Pending | JobStatus::Running)
        )
    }
}

/// What a build does with a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transition {
    /// Creates or starts it.
    Start,
    /// Stops it and keeps its disk.
    Stop,
    /// Removes it for good.
    Delete,
}

/// The state of a provisioner job, as the database derives it from the job's timestamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Nobody has taken it.
    Pending,
    /// A provisioner works on it.
    Running,
    /// Ended well.
    Succeeded,
    /// Asked to stop, not ended yet.
    Canceling,
    /// Ended because it was asked to.
    Canceled,
    /// Ended with an error.
    Failed,
    /// A label of the database's type that it never produces.
    Unknown,
}

/// What to do about every preset of a snapshot, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Format version of the document.
    pub version: FormatVersion,
    /// The "now" that the plan was calculated for.
    #[serde(with = "rfc3339")]
    pub planned_at: Time,
    /// Whether reconciliation is paused; a paused plan is never carried out.
    pub reconciliation_paused: bool,
    /// Whether carrying the plan out would change anything.
    pub has_changes: bool,
    /// Totals over all presets.
    pub summary: Summary,
    /// One entry for each preset of the snapshot, in the snapshot's order.
    pub presets: Vec<PresetPlan>,
}

/// Totals of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    /// Presets considered.
    pub presets: i64,
    /// Workspaces to create, without the blocked ones.
    pub create: i64,
    /// Workspaces to delete.
    pub delete: i64,
    /// Jobs to cancel.
    pub cancel_pending: i64,
    /// Presets that are backing off.
    pub backoff: i64,
    /// Workspaces not created because of a block.
    pub blocked: i64,
}

/// What to do about one preset, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetPlan {
    /// Which preset.
    pub preset: PresetReference,
    /// The numbers that the decision rests on.
    pub state: State,
    /// Whether the snapshot lists the preset as hard limited.
    pub hard_limited: bool,
    /// What to do, in this order.
    pub actions: Vec<Action>,
    /// One sentence for a person: why these actions, or why none.
    pub reason: String,
    /// What is wrong with the preset's configuration, if anything.
    pub diagnostics: Vec<Diagnostic>,
}

/// Enough of a preset to find and name it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresetReference {
    /// Preset id.
    pub id: Uuid,
    /// Preset name.
    pub name: String,
    /// Name of the organization.
    pub organization_name: String,
    /// Name of the template.
    pub template_name: String,
    /// Name of the template version.
    pub template_version_name: String,
    /// Whether that version is its template's active one.
    pub using_active_version: bool,
}

impl From<&Preset> for PresetReference {
    fn from(preset: &Preset) -> Self {
        Self {
            id: preset.id,
            name: preset.name.clone(),
            organization_name: preset.organization_name.clone(),
            template_name: preset.template_name.clone(),
            template_version_name: preset.template_version_name.clone(),
            using_active_version: preset.using_active_version,
        }
    }
}

impl fmt::Display for PresetReference {
    /// `organization/template/preset`, as the `--preset` filter takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}",
            self.organization_name, self.template_name, self.name
        )
    }
}

/// The numbers of one preset at the instant of the plan. None is negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Running prebuilt workspaces, expired ones included.
    pub actual: i64,
    /// Running ones past their ttl or older than the last invalidation.
    pub expired: i64,
    /// Wanted number at the instant of the plan; 0 for an inactive preset.
    pub desired: i64,
    /// Running ones that can be claimed; 0 for an inactive preset.
    pub eligible: i64,
    /// Unexpired running ones beyond the wanted number; 0 for an inactive preset.
    pub extraneous: i64,
    /// Start builds in progress.
    pub starting: i64,
    /// Stop builds in progress.
    pub stopping: i64,
    /// Delete builds in progress.
    pub deleting: i64,
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case", deny_unknown_fields)]
pub enum Action {
    /// Create prebuilt workspaces.
    Create {
        /// How many.
        count: i64,
        /// Why they are not created after all.
        blocked_by: Option<Block>,
    },
    /// Delete prebuilt workspaces.
    Delete {
        /// Why these.
        reason: DeleteReason,
        /// Oldest first, ties by id.
        workspace_ids: Vec<Uuid>,
    },
    /// Cancel never-started initial builds of an inactive version.
    CancelPending {
        /// How many there were.
        count: i64,
    },
    /// Leave the preset alone because its builds failed lately.
    Backoff {
        /// Last instant of the back-off.
        #[serde(with = "rfc3339")]
        until: Time,
        /// Failed builds that it stands for.
        failed: i64,
    },
}

/// Why creates are not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// The newest builds of the preset all failed.
    HardLimited,
    /// The preset's parameters or tags can't make a valid build.
    ValidationFailed,
}

/// Why workspaces are deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeleteReason {
    /// Past the ttl, or older than the last invalidation.
    Expired,
    /// More than wanted.
    Extraneous,
    /// The preset is no longer in use.
    Inactive,
}

/// Something that is wrong with a preset's configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable identifier in snake case, for scripts.
    pub code: String,
    /// What is wrong and what follows, for people.
    pub message: String,
}

/// How bad a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The pool is kept, though not quite as configured.
    Warning,
    /// A part of the configuration has no effect.
    Error,
}

/// Times in documents: RFC 3339, written in UTC with `Z` and at most microseconds; read with any
/// offset, cut to the microsecond.
pub mod rfc3339 {
    use chrono::Datelike as _;

    use super::{DateTime, Deserialize, Deserializer, SecondsFormat, Serializer, Time, Utc, de};

    /// Parses an RFC 3339 time with an offset. The error says what was expected.
    pub fn parse(text: &str) -> Result<Time, String> {
        DateTime::parse_from_rfc3339(text)
            .ok()
            .and_then(|time| DateTime::<Utc>::from_timestamp_micros(time.timestamp_micros()))
            // An offset can carry a time out of the years that can be written back.
            .filter(|time| (0..=9999).contains(&time.year()))
            .ok_or_else(|| format!("{text:?} is not an RFC 3339 time such as 2026-03-04T12:00:00Z"))
    }

    /// The text of a time as documents hold it.
    pub fn format(time: &Time) -> String {
        time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
    }

    /// Writes a time.
    pub fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format(time))
    }

    /// Reads a time.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
        parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }

    /// The same for a time that may be null.
    pub mod option {
        use super::{Deserialize, Deserializer, Serializer, Time, de, parse};

        /// Writes a time or null.
        pub fn serialize<S: Serializer>(
            time: &Option<Time>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            match time {
                Some(time) => super::serialize(time, serializer),
                None => serializer.serialize_none(),
            }
        }

        /// Reads a time or null.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Time>, D::Error> {
            Option::<String>::deserialize(deserializer)?
                .map(|text| parse(&text).map_err(de::Error::custom))
                .transpose()
        }
    }
}

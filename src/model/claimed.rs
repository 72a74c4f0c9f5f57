//! Workspaces of people on a database of our own, each with its latest build.
//!
//! On Coder's database nobody reads them here: coderd sees to people's workspaces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{JobStatus, Time, Transition, time};

/// A live workspace that a person has claimed, with its latest build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimedWorkspace {
    pub id: Uuid,
    pub name: String,
    pub owner_id: Uuid,
    /// User name of the owner.
    pub owner_name: String,
    pub organization_name: String,
    pub template_id: Uuid,
    pub template_name: String,
    /// Template version of the latest build.
    pub template_version_id: Uuid,
    pub template_version_name: String,
    pub build_id: Uuid,
    /// Number of the latest build in the workspace, from 1.
    pub build_number: i64,
    pub job_id: Uuid,
    pub transition: Transition,
    pub job_status: JobStatus,
    /// Whether the latest build is the one that hands the workspace over.
    pub is_claim: bool,
    /// When the latest build was queued.
    #[serde(with = "time")]
    #[schemars(with = "Time")]
    pub last_build_at: Time,
    /// Error of the latest build.
    pub error: Option<String>,
    /// When a running workspace is to be stopped.
    #[serde(default, with = "time::option")]
    #[schemars(with = "Option<Time>")]
    pub deadline: Option<Time>,
    /// When a stopped workspace is to be started, as coderd writes such schedules.
    pub autostart_schedule: Option<String>,
    /// When it is to be started next, whatever the schedule says.
    #[serde(default, with = "time::option")]
    #[schemars(with = "Option<Time>")]
    pub next_start_at: Option<Time>,
}

impl ClaimedWorkspace {
    /// `owner/name`, as commands take it.
    pub fn path(&self) -> String {
        format!("{}/{}", self.owner_name, self.name)
    }

    /// What the history names of it: `organization/template/-`.
    pub(crate) fn subject(&self) -> String {
        format!("{}/{}/-", self.organization_name, self.template_name)
    }

    /// Whether its latest build has not ended.
    pub fn is_busy(&self) -> bool {
        !self.job_status.has_ended()
    }

    /// Whether its latest build ended without success, so that a person has to do something.
    pub fn has_failed(&self) -> bool {
        matches!(self.job_status, JobStatus::Failed | JobStatus::Canceled)
    }

    /// What has become of the workspace, in a word or two.
    pub fn state(&self) -> &'static str {
        let failed = self.has_failed();
        match (self.transition, self.job_status) {
            (Transition::Unknown, _) | (_, JobStatus::Unknown) => "in an unknown state",
            (_, JobStatus::Canceling) => "being cancelled",
            (Transition::Start, JobStatus::Succeeded) => "running",
            (Transition::Stop, JobStatus::Succeeded) => "stopped",
            (Transition::Delete, JobStatus::Succeeded) => "deleted",
            (Transition::Start, _) if failed && self.is_claim => "claim failed",
            (Transition::Start, _) if failed => "start failed",
            (Transition::Stop, _) if failed => "stop failed",
            (Transition::Delete, _) if failed => "delete failed",
            (Transition::Start, _) if self.is_claim => "being claimed",
            (Transition::Start, _) => "starting",
            (Transition::Stop, _) => "stopping",
            (Transition::Delete, _) => "deleting",
        }
    }
}

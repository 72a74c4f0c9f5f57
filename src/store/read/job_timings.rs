//! When recent jobs were made, taken and completed, for metrics.
//!
//! Only on databases of our own: coderd publishes the times of its jobs itself. Cost follows what has
//! happened since a time, and the jobs under way; never all jobs. Reads only.

use uuid::Uuid;

use crate::builds::Stage;
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::args;
use crate::store::session::row::{Columns, FromRow, rows};
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

statements! {
    JOB_TIMINGS: "reading when jobs began and ended", twins "job/read_timings";
}

/// A provisioner job, as far as its times go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobTiming {
    pub id: Uuid,
    pub created_at: Time,
    /// When a worker took it; none as long as none has.
    pub taken_at: Option<Time>,
    /// How long it ran, if it succeeded: when it began and when it ended.
    pub succeeded: Option<(Time, Time)>,
    /// Type of its provisioner, such as `terraform`.
    pub provisioner: String,
    /// What it is for, such as `workspace_build`.
    pub job_type: String,
    /// Whether the prebuilds user asked for it.
    pub by_prebuilds_user: bool,
    /// The workspace build that it is for, if it is for one.
    pub build: Option<TimedBuild>,
}

/// The workspace build of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimedBuild {
    /// What a pool needs it for; none for builds that no pool asked for.
    pub stage: Option<Stage>,
    /// `start`, `stop` or `delete`.
    pub transition: String,
    /// Why it was made, in Coder's words, such as `initiator`.
    pub reason: String,
    /// Whether it is the first of its workspace.
    pub is_first: bool,
    /// Names of the workspace's organization and template, and of the build's preset; empty without.
    pub organization: String,
    pub template: String,
    pub preset: String,
}

rows! {
    TimedBuild {
        transition, is_first, reason, organization, template,
        preset => Option::unwrap_or_default, stage => stage,
    }
}

fn stage(number: Option<String>) -> Option<Stage> {
    Stage::of(number.and_then(|it| it.parse().ok()))
}

impl FromRow for JobTiming {
    fn from_row(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        let id = columns.field("id")?;
        let created_at = columns.field("created_at")?;
        let started_at: Option<Time> = columns.field("started_at")?;
        let completed_at = columns.field("completed_at")?;
        let taken = columns.field("taken")?;
        let succeeded = columns.field("succeeded")?;
        Ok(Self {
            id,
            created_at,
            // The job of a delete build that no provisioner would run begins and ends untaken.
            taken_at: started_at.filter(|_| taken),
            succeeded: started_at.zip(completed_at).filter(|_| succeeded),
            provisioner: columns.field("provisioner")?,
            job_type: columns.field("job_type")?,
            by_prebuilds_user: columns.field::<Uuid>("initiator_id")? == PREBUILDS_USER_ID,
            build: columns.rest()?,
        })
    }
}

impl Reader {
    /// Jobs that were made, taken or completed after `since`; none on a database of Coder.
    pub(crate) async fn job_timings(
        &mut self,
        since: Time,
    ) -> Result<Option<Vec<JobTiming>>, StoreError> {
        if self.schema.kind() != Kind::Own {
            return Ok(None);
        }
        self.limit_statements();
        self.connection.begin_read().await?;
        let timings = self.connection.fetch(&JOB_TIMINGS, args![since]).await?;
        self.connection.rollback().await?;
        Ok(Some(timings))
    }
}

//! When jobs of late were made, taken and completed, for metrics.
//!
//! Cost follows what has happened since a time, and the jobs under way; never all jobs. Reads only.

use uuid::Uuid;

use crate::builds::Stage;
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::args;
use crate::store::session::row::{Columns, FromRow, rows};
use crate::store::session::schema::Kind;
use crate::store::session::statement::{Statement, sql};
use crate::store::{Reader, StoreError};

static JOB_TIMINGS: Statement = Statement::twins(
    "reading when jobs began and ended",
    concat!(
        sql!("job/recent_of_own"),
        sql!("job/read_timings", ".postgres")
    ),
    concat!(
        sql!("job/recent_of_own"),
        sql!("job/read_timings", ".sqlite")
    ),
);

static JOB_TIMINGS_OF_CODER: Statement = Statement::both(
    "reading when jobs began and ended",
    concat!(
        sql!("job/recent_of_coder"),
        sql!("job/read_timings", ".postgres")
    ),
);

/// A provisioner job, as far as its times go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobTiming {
    pub id: Uuid,
    /// When it was made.
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
    /// The workspace build that it is for; none of other jobs.
    pub build: Option<TimedBuild>,
}

/// The workspace build of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TimedBuild {
    /// What a pool wants with it; none of builds that no pool asked for.
    pub stage: Option<Stage>,
    /// `start`, `stop` or `delete`.
    pub transition: String,
    /// Why it was made, such as `initiator`.
    pub reason: String,
    /// Whether it is the first of its workspace.
    pub is_first: bool,
    /// Name of the workspace's organization.
    pub organization: String,
    /// Name of the workspace's template.
    pub template: String,
    /// Name of the build's preset; empty without one.
    pub preset: String,
}

rows! {
    TimedBuild {
        transition, is_first, reason, organization, template,
        preset => Option::unwrap_or_default, stage => stage,
    }
}

/// No build asked for by a pool has a stage.
fn stage(number: Option<String>) -> Option<Stage> {
    Stage::from_number(number?.parse().ok()?)
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
            // The delete build of a job that nobody will take begins and ends without a worker.
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
    /// Jobs that were made, taken or completed after `since`.
    pub(crate) async fn job_timings(&mut self, since: Time) -> Result<Vec<JobTiming>, StoreError> {
        self.limit_statements().await?;
        self.connection.begin_read().await?;
        let statement = match self.schema.kind() {
            Kind::Coder => &JOB_TIMINGS_OF_CODER,
            Kind::Own | Kind::Empty | Kind::Foreign => &JOB_TIMINGS,
        };
        let timings = self.connection.fetch(statement, args![since]).await?;
        self.connection.rollback().await?;
        Ok(timings)
    }
}

//! When recent jobs were made, taken and completed, for metrics.
//!
//! Only on databases of our own: coderd publishes the times of its jobs itself. Cost follows what has
//! happened since a time, and the jobs under way; never all jobs. Reads only.

use uuid::Uuid;

use crate::builds::Stage;
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::connection::{Statement, fetch};
use crate::store::session::row::{Id, Stamp};
use crate::store::session::schema::Kind;
use crate::store::{Reader, StoreError};

const JOB_TIMINGS: Statement = Statement {
    doing: "reading when jobs began and ended",
    postgres: concat!(
        include_str!("../sql/recent_jobs.sql"),
        include_str!("../sql/job_timings.postgres.sql")
    ),
    sqlite: concat!(
        include_str!("../sql/recent_jobs.sql"),
        include_str!("../sql/job_timings.sqlite.sql")
    ),
};

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

#[derive(sqlx::FromRow)]
struct Row {
    id: Id,
    created_at: Stamp,
    started_at: Option<Stamp>,
    completed_at: Option<Stamp>,
    taken: bool,
    succeeded: bool,
    provisioner: String,
    job_type: String,
    initiator_id: Id,
    stage: Option<String>,
    transition: Option<String>,
    reason: Option<String>,
    build_number: Option<i64>,
    organization_name: Option<String>,
    template_name: Option<String>,
    preset_name: Option<String>,
}

impl Row {
    /// All columns of a build but its preset are null together: when the job is for something else.
    fn build(&mut self) -> Option<TimedBuild> {
        let stage = self.stage.take();
        Some(TimedBuild {
            stage: stage
                .and_then(|number| number.parse().ok())
                .and_then(Stage::from_number),
            transition: self.transition.take()?,
            reason: self.reason.take()?,
            is_first: self.build_number? == 1,
            organization: self.organization_name.take()?,
            template: self.template_name.take()?,
            preset: self.preset_name.take().unwrap_or_default(),
        })
    }
}

impl From<Row> for JobTiming {
    fn from(mut row: Row) -> Self {
        let started_at = row.started_at.map(|stamp| stamp.0);
        let times = started_at.zip(row.completed_at.map(|stamp| stamp.0));
        Self {
            build: row.build(),
            id: row.id.0,
            created_at: row.created_at.0,
            // The job of a delete build that no provisioner would run begins and ends untaken.
            taken_at: started_at.filter(|_| row.taken),
            succeeded: times.filter(|_| row.succeeded),
            provisioner: row.provisioner,
            job_type: row.job_type,
            by_prebuilds_user: row.initiator_id.0 == PREBUILDS_USER_ID,
        }
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
        self.limit_statements().await?;
        self.connection.begin_read().await?;
        let rows = fetch!(&mut self.connection, Row, JOB_TIMINGS, Stamp(since))?;
        self.connection.rollback().await?;
        Ok(Some(rows.into_iter().map(JobTiming::from).collect()))
    }
}

//! The session of a worker that runs build jobs: taking them and staying their owner.
//!
//! Only on databases of our own; Coder's provisioners run the builds of Coder's. A job belongs to
//! the worker named in `worker_id` as long as it is not completed, and every write to it is on that
//! condition: a worker that was taken for dead finds out, and never finishes a job twice. Runs no
//! build and decides no outcome.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::builds::{self, Stage};
use crate::model::text::count;
use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::read::versions;
use crate::store::session::connection::{Access, Connection, Statement, execute, fetch};
use crate::store::session::row::{Id, Stamp, id_list, json_rows, label};
use crate::store::session::schema::Kind;
use crate::store::{Store, StoreError, notify};

/// A build to be run, with its job.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub id: Uuid,
    pub build_id: Uuid,
    /// Number of the build in its workspace, from 1.
    pub build_number: i64,
    /// What the build does.
    pub transition: Transition,
    /// What it means to a pool; none for builds that no pool asked for.
    pub stage: Option<Stage>,
    /// The state that the workspace's previous build left behind.
    pub state: Vec<u8>,
    pub workspace_id: Uuid,
    pub workspace_name: String,
    pub owner_id: Uuid,
    /// User name of the owner.
    pub owner_name: String,
    /// Organization of the workspace.
    pub organization_name: String,
    /// Template of the workspace.
    pub template_name: String,
    /// Template version to build.
    pub version_name: String,
    /// Preset that the build names.
    pub preset_name: Option<String>,
    /// Parameter values by name.
    pub parameters: BTreeMap<String, String>,
    /// Bytes of output that the job's log holds already.
    pub logs_length: i64,
    /// Whether the log is full already.
    pub logs_overflowed: bool,
    /// Whether somebody has cancelled the job meanwhile.
    pub canceled: bool,
    /// Last sign of life of a worker that has the job and is taken for dead; none for a new job.
    pub last_heard_of: Option<Time>,
}

impl Job {
    /// Whether it hands a prebuilt workspace to a person.
    pub(crate) fn is_claim(&self) -> bool {
        self.stage == Some(Stage::Claim)
    }
}

/// Which jobs to take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Taking<'a> {
    /// Who takes them.
    pub worker: Uuid,
    /// Jobs that it has already. One that names it and isn't among these was lost on the way from
    /// the database, and is taken over like any other.
    pub own: &'a [Uuid],
    /// Tags that the worker offers; none: it serves jobs of any tags.
    pub tags: Option<&'a BTreeMap<String, String>>,
    /// How many at most.
    pub limit: usize,
    /// A worker that gave no sign of life since then is dead.
    pub stale_before: Time,
}

/// A session that runs the jobs of a database of our own.
pub(crate) struct JobSession {
    pub(in crate::store) connection: Connection,
}

impl Store {
    /// Opens a session that runs jobs. A database that Coder manages is refused.
    pub(crate) async fn open_jobs(&self) -> Result<JobSession, StoreError> {
        let (connection, schema) = self.open(Access::Write).await?;
        if schema.kind() != Kind::Own {
            connection.close().await;
            return Err(StoreError::Refused {
                problem: format!("{}: Coder manages this database", self.target),
                hint: "Coder's own provisioners run its builds",
            });
        }
        Ok(JobSession { connection })
    }
}

impl JobSession {
    /// Takes jobs: from now on they are running, and the worker's.
    pub(crate) async fn take(
        &mut self,
        taking: &Taking<'_>,
        now: Time,
    ) -> Result<Vec<Job>, StoreError> {
        // A look without a lock comes first: idle workers must not get in the way of writers.
        let tags = self.waiting_tags(taking).await?;
        if tags.is_empty() {
            return Ok(Vec::new());
        }
        self.connection.begin_write().await?;
        let rows = fetch!(
            &mut self.connection,
            JobRow,
            TAKE,
            id_list(taking.own),
            Stamp(taking.stale_before),
            Id(PREBUILDS_USER_ID),
            json_rows(&tags),
            count(taking.limit),
        )?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id.0).collect();
        let taken = id_list(&ids);
        execute!(
            &mut self.connection,
            START,
            Id(taking.worker),
            Stamp(now),
            &taken
        )?;
        let values: Vec<(Id, String, String)> = fetch!(
            &mut self.connection,
            (Id, String, String),
            PARAMETERS,
            &taken
        )?;
        self.connection.commit().await?;
        let mut parameters: BTreeMap<Uuid, BTreeMap<String, String>> = BTreeMap::new();
        for (job, name, value) in values {
            parameters.entry(job.0).or_default().insert(name, value);
        }
        rows.into_iter()
            .map(|row| {
                let parameters = parameters.remove(&row.id.0).unwrap_or_default();
                row.into_job(parameters)
            })
            .collect()
    }

    /// The distinct tags of waiting jobs that the worker serves, as the database writes them.
    async fn waiting_tags(&mut self, taking: &Taking<'_>) -> Result<Vec<String>, StoreError> {
        let rows: Vec<(String,)> = fetch!(
            &mut self.connection,
            (String,),
            WAITING,
            id_list(taking.own),
            Stamp(taking.stale_before)
        )?;
        let mut served = Vec::new();
        for (tags,) in rows {
            let wanted = versions::json("provisioner_jobs.tags", &tags)?;
            if taking
                .tags
                .is_none_or(|offered| builds::serves(offered, &wanted))
            {
                served.push(tags);
            }
        }
        Ok(served)
    }

    /// Says that the worker is alive and works on these jobs. Returns those that are still its own,
    /// each with whether somebody has cancelled it.
    pub(crate) async fn keep_alive(
        &mut self,
        worker: Uuid,
        jobs: &[Uuid],
        now: Time,
    ) -> Result<BTreeMap<Uuid, bool>, StoreError> {
        let rows: Vec<(Id, bool)> = fetch!(
            &mut self.connection,
            (Id, bool),
            KEEP_ALIVE,
            Id(worker),
            Stamp(now),
            id_list(jobs)
        )?;
        Ok(rows.into_iter().map(|(id, it)| (id.0, it)).collect())
    }

    /// Puts a job back into the queue. Nothing of its build may be running any more.
    pub(crate) async fn release(
        &mut self,
        worker: Uuid,
        job: Uuid,
        now: Time,
    ) -> Result<(), StoreError> {
        execute!(
            &mut self.connection,
            RELEASE,
            Id(worker),
            Stamp(now),
            Id(job)
        )?;
        Ok(())
    }

    /// Tells whoever listens that the pools' state has changed.
    pub(crate) async fn notify_changed(&mut self) {
        notify::post_change(&mut self.connection, "provision").await;
    }

    /// Ends the session. What was not committed is undone.
    pub(crate) async fn close(self) {
        self.connection.close().await;
    }
}

#[derive(sqlx::FromRow)]
struct JobRow {
    id: Id,
    build_id: Id,
    build_number: i64,
    transition: String,
    stage: Option<i64>,
    state: Option<Vec<u8>>,
    workspace_id: Id,
    workspace_name: String,
    owner_id: Id,
    owner_name: String,
    organization_name: String,
    template_name: String,
    version_name: String,
    preset_name: Option<String>,
    logs_length: i64,
    logs_overflowed: bool,
    canceled: bool,
    last_heard_of: Option<Stamp>,
}

impl JobRow {
    fn into_job(self, parameters: BTreeMap<String, String>) -> Result<Job, StoreError> {
        let stage = self.stage.and_then(|number| u64::try_from(number).ok());
        Ok(Job {
            id: self.id.0,
            build_id: self.build_id.0,
            build_number: self.build_number,
            transition: label("transition", self.transition)?,
            stage: stage.and_then(Stage::from_number),
            state: self.state.unwrap_or_default(),
            workspace_id: self.workspace_id.0,
            workspace_name: self.workspace_name,
            owner_id: self.owner_id.0,
            owner_name: self.owner_name,
            organization_name: self.organization_name,
            template_name: self.template_name,
            version_name: self.version_name,
            preset_name: self.preset_name,
            parameters,
            logs_length: self.logs_length,
            logs_overflowed: self.logs_overflowed,
            canceled: self.canceled,
            last_heard_of: self.last_heard_of.map(|time| time.0),
        })
    }
}

const WAITING: Statement = Statement {
    doing: "looking for jobs",
    postgres: "SELECT DISTINCT CAST(j.tags AS text) FROM provisioner_jobs AS j \
               JOIN workspace_builds AS b ON b.job_id = j.id \
               WHERE j.job_status IN ('pending', 'running', 'canceling') \
               AND j.type = 'workspace_build' AND (j.started_at IS NULL OR \
               (j.updated_at < $2 AND j.id NOT IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))))",
    sqlite: "SELECT DISTINCT j.tags FROM provisioner_jobs AS j \
             JOIN workspace_builds AS b ON b.job_id = j.id \
             WHERE j.job_status IN ('pending', 'running', 'canceling') \
             AND j.type = 'workspace_build' AND (j.started_at IS NULL OR \
             (j.updated_at < $2 AND j.id NOT IN (SELECT value FROM json_each($1))))",
};

const TAKE: Statement = Statement {
    doing: "choosing jobs",
    postgres: include_str!("../sql/take_jobs.postgres.sql"),
    sqlite: include_str!("../sql/take_jobs.sqlite.sql"),
};

const START: Statement = Statement {
    doing: "taking jobs",
    postgres: "UPDATE provisioner_jobs SET worker_id = $1, started_at = $2, updated_at = $2 \
               WHERE id IN (SELECT CAST(jsonb_array_elements_text(CAST($3 AS jsonb)) AS uuid))",
    sqlite: "UPDATE provisioner_jobs SET worker_id = $1, started_at = $2, updated_at = $2 \
             WHERE id IN (SELECT value FROM json_each($3))",
};

const PARAMETERS: Statement = Statement {
    doing: "reading the builds' parameters",
    postgres: "SELECT b.job_id, p.name, p.value FROM workspace_builds AS b \
               JOIN workspace_build_parameters AS p ON p.workspace_build_id = b.id \
               WHERE b.job_id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "SELECT b.job_id, p.name, p.value FROM workspace_builds AS b \
             JOIN workspace_build_parameters AS p ON p.workspace_build_id = b.id \
             WHERE b.job_id IN (SELECT value FROM json_each($1))",
};

const KEEP_ALIVE: Statement = Statement {
    doing: "keeping jobs",
    postgres: "UPDATE provisioner_jobs SET updated_at = $2 \
               WHERE worker_id = $1 AND completed_at IS NULL AND id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($3 AS jsonb)) AS uuid)) \
               RETURNING id, canceled_at IS NOT NULL",
    sqlite: "UPDATE provisioner_jobs SET updated_at = $2 \
             WHERE worker_id = $1 AND completed_at IS NULL \
             AND id IN (SELECT value FROM json_each($3)) \
             RETURNING id, canceled_at IS NOT NULL",
};

const RELEASE: Statement = Statement::both(
    "putting a job back",
    "UPDATE provisioner_jobs SET worker_id = NULL, started_at = NULL, updated_at = $2 \
     WHERE id = $3 AND worker_id = $1 AND completed_at IS NULL",
);

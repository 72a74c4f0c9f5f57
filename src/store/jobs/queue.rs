//! The session of a worker that runs build jobs: taking them and staying their owner.
//!
//! Only on databases of our own; Coder's provisioners run the builds of Coder's. A job belongs to
//! the worker named in `worker_id` as long as it is not completed, and every write to it is on that
//! condition: a worker that lost a job to another one finds out, and no job is finished twice. Runs no
//! build and decides no outcome.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::builds::{self, Stage};
use crate::model::text::count;
use crate::model::{Time, Transition};
use crate::store::jobs::outcomes::{self, Completion, SET_STATE};
use crate::store::read::versions;
use crate::store::session::arguments::{args, id_list, json_rows};
use crate::store::session::connection::{Access, Use};
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::{Reader, Store, StoreError, notify};

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
    /// Whether the job has been cancelled.
    pub canceled: bool,
    /// The last heartbeat of the dead worker that the job is taken over from; none for a new job.
    pub last_heartbeat: Option<Time>,
    /// Whether its build was begun before, by whomever: something of it may exist.
    pub was_begun: bool,
}

impl Job {
    /// Whether it hands a prebuilt workspace to a person.
    pub(crate) fn is_claim(&self) -> bool {
        self.stage == Some(Stage::Claim)
    }
}

/// Which jobs to take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakeOptions<'a> {
    pub worker: Uuid,
    /// Jobs that it has already.
    pub own: &'a [Uuid],
    /// Tags that the worker offers; none: it serves jobs of any tags.
    pub tags: Option<&'a BTreeMap<String, String>>,
    /// How many at most.
    pub limit: usize,
    /// A worker without a heartbeat since then is dead.
    pub stale_before: Time,
}

/// A session that runs the jobs of a database of our own.
pub(crate) struct JobSession {
    pub(in crate::store) reader: Reader,
}

impl Store {
    /// Opens a session that runs jobs. A database that Coder manages is refused.
    pub(crate) async fn open_jobs(&self) -> Result<JobSession, StoreError> {
        let mut reader = self.open(Access::Write, Use::Again).await?;
        if reader.schema.kind() != Kind::Own {
            reader.close().await;
            return Err(StoreError::Refused {
                problem: format!("{}: Coder manages this database", self.target),
                hint: "Coder's own provisioners run its builds",
            });
        }
        if !reader.is_embedded() {
            // A standby says here that it is one.
            reader.connection.begin_write().await?;
            reader.connection.rollback().await?;
        }
        Ok(JobSession { reader })
    }
}

/// What came of a [`JobSession::turn`].
#[derive(Debug, Default)]
pub(crate) struct Turn {
    /// The jobs whose end is recorded: not those that were another worker's by then.
    pub completed: BTreeSet<Uuid>,
    /// The jobs that are the worker's from now on, in the order in which they are to run.
    pub taken: Vec<Job>,
}

impl JobSession {
    /// Records the ends of builds, and takes the next jobs, in one transaction.
    pub(crate) async fn turn(
        &mut self,
        completions: &[Completion<'_>],
        options: &TakeOptions<'_>,
        now: Time,
    ) -> Result<Turn, StoreError> {
        // A look without a lock comes first: idle workers must not get in the way of writers.
        let tags = self.waiting_tags(options).await?;
        if completions.is_empty() && tags.is_empty() {
            return Ok(Turn::default());
        }
        self.connection.begin_write().await?;
        let behind = self.clock_difference().unwrap_or_default();
        let connection = &mut self.connection;
        let completed = outcomes::complete(connection, options.worker, completions, now, behind);
        let completed = completed.await?;
        let taken = if tags.is_empty() {
            Vec::new()
        } else {
            self.take(&tags, options, now).await?
        };
        self.connection.commit().await?;
        Ok(Turn { completed, taken })
    }

    /// Takes jobs with these tags.
    async fn take(
        &mut self,
        tags: &[String],
        options: &TakeOptions<'_>,
        now: Time,
    ) -> Result<Vec<Job>, StoreError> {
        let arguments = args![id_list(options.own), options.stale_before];
        self.connection.execute(&REQUEUE, arguments).await?;
        let arguments = args![json_rows(tags), count(options.limit)];
        let chosen: Vec<(Uuid, Option<Time>, bool)> =
            self.connection.fetch(&CHOOSE, arguments).await?;
        let ids: Vec<Uuid> = chosen.iter().map(|(id, ..)| *id).collect();
        let ids = id_list(&ids);
        let arguments = args![options.worker, now, &ids];
        self.connection.execute(&START, arguments).await?;
        let mut jobs: Vec<Job> = self.connection.fetch(&TAKEN, args![&ids]).await?;
        for job in &mut jobs {
            if let Some((_, last_heartbeat, was_begun)) = chosen.iter().find(|it| it.0 == job.id) {
                job.last_heartbeat = *last_heartbeat;
                job.was_begun = *was_begun;
            }
        }
        Ok(jobs)
    }

    /// The distinct tags of waiting jobs that the worker serves, as the database writes them.
    async fn waiting_tags(&mut self, options: &TakeOptions<'_>) -> Result<Vec<String>, StoreError> {
        if options.limit == 0 {
            return Ok(Vec::new());
        }
        let arguments = args![id_list(options.own), options.stale_before];
        let waiting: Vec<String> = self.connection.fetch(&WAITING, arguments).await?;
        let mut served = Vec::new();
        for tags in waiting {
            let wanted = versions::json("provisioner_jobs.tags", &tags)?;
            if options
                .tags
                .is_none_or(|offered| builds::serves(offered, &wanted))
            {
                served.push(tags);
            }
        }
        Ok(served)
    }

    /// Sends a heartbeat for these jobs. Returns those that are still its own,
    /// each with whether it has been cancelled.
    pub(crate) async fn keep_alive(
        &mut self,
        worker: Uuid,
        jobs: &[Uuid],
        now: Time,
    ) -> Result<BTreeMap<Uuid, bool>, StoreError> {
        let arguments = args![worker, now, id_list(jobs)];
        let kept = self.connection.fetch(&KEEP_ALIVE, arguments).await?;
        Ok(kept.into_iter().collect())
    }

    /// Puts jobs back into the queue, each with whether its build was begun: passes remove no workspace without a
    /// delete build of which something may exist. Nothing of the builds may be running any more.
    pub(crate) async fn release(
        &mut self,
        worker: Uuid,
        jobs: &BTreeMap<Uuid, bool>,
        now: Time,
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = jobs.keys().copied().collect();
        let begun = jobs.iter().filter(|(_, was_begun)| **was_begun);
        let begun: Vec<Uuid> = begun.map(|(id, _)| *id).collect();
        let arguments = args![worker, now, id_list(&ids), id_list(&begun)];
        self.connection.execute(&RELEASE, arguments).await?;
        Ok(())
    }

    /// Puts a job back that was begun, with the state that its build has left.
    pub(crate) async fn release_with(
        &mut self,
        worker: Uuid,
        job: Uuid,
        state: &[u8],
    ) -> Result<(), StoreError> {
        self.connection.begin_write().await?;
        let now = self.now();
        let arguments = args![worker, now, id_list(&[job]), id_list(&[job])];
        if self.connection.execute(&RELEASE, arguments).await? > 0 {
            let arguments = args![job, state, now];
            self.connection.execute(&SET_STATE, arguments).await?;
        }
        self.connection.commit().await
    }

    /// Puts the worker's jobs back that are not among `own`: it doesn't know of them, since the answer was lost to
    /// the commit that took them.
    pub(crate) async fn release_others(
        &mut self,
        worker: Uuid,
        own: &[Uuid],
        now: Time,
    ) -> Result<(), StoreError> {
        let arguments = args![worker, now, id_list(own)];
        self.connection.execute(&RELEASE_OTHERS, arguments).await?;
        Ok(())
    }

    /// Notifies other processes that the pools' state has changed.
    pub(crate) async fn notify_changed(&mut self) {
        notify::post_change(&mut self.connection, "provision").await;
    }
}

rows! {
    Job {
        id, build_id, build_number, transition, stage => Stage::of, state => Option::unwrap_or_default,
        workspace_id, workspace_name, owner_id, owner_name, organization_name, template_name,
        version_name, preset_name, parameters, logs_length, logs_overflowed, canceled;
        last_heartbeat, was_begun
    }
}

statements! {
    WAITING: "looking for jobs", "job/read_waiting_tags";
    REQUEUE: "requeueing the jobs of dead workers", "job/requeue";
    CHOOSE: "choosing jobs", twins "job/choose";
    START: "taking jobs", "job/start";
    TAKEN: "reading the jobs taken", "job/read_taken";
    KEEP_ALIVE: "keeping jobs", "job/keep_alive";
    RELEASE: "putting jobs back", "job/release";
    RELEASE_OTHERS: "putting jobs back that were taken unawares", "job/release_others";
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

    use super::*;
    use crate::store::session::connection::Connection;
    use crate::store::session::file::FileSession;
    use crate::store::session::migrate;

    statements! {
        COMPLETE: "completing jobs", "job/complete";
        RECORDED: "looking for jobs completed before", "job/read_completed";
        SET_LENGTHS: "storing the logs of jobs", "log/set_lengths";
    }

    /// What SQLite, which knows nothing of how many rows there are, would do. On PostgreSQL the rows
    /// that are read are counted from outside.
    #[tokio::test]
    async fn jobs_are_found_by_their_ids_and_by_the_indexes_of_the_queue() {
        let connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let mut connection =
            Connection::Sqlite(Box::new(FileSession::new(connection, Path::new(""))));
        migrate::migrate(&mut connection).await.unwrap();
        let Connection::Sqlite(session) = &mut connection else {
            return;
        };
        let found = [
            "USING INDEX provisioner_jobs_waiting_idx",
            "USING INDEX provisioner_jobs_heartbeat_idx",
            "INDEX sqlite_autoindex_provisioner_jobs_1 (id=?)",
        ];
        for statement in [
            &WAITING,
            &REQUEUE,
            &CHOOSE,
            &START,
            &TAKEN,
            &KEEP_ALIVE,
            &RELEASE,
            &RELEASE_OTHERS,
            &RECORDED,
            &COMPLETE,
            &SET_LENGTHS,
        ] {
            let sql = format!("EXPLAIN QUERY PLAN {}", statement.for_sqlite());
            let plan = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut session.connection);
            let steps: Vec<String> = plan.await.unwrap().iter().map(|it| it.get(3)).collect();
            let of_jobs = |step: &&String| {
                let relation = step.split(' ').nth(1);
                matches!(relation, Some("j" | "provisioner_jobs"))
            };
            let steps: Vec<&String> = steps.iter().filter(of_jobs).collect();
            let by_index = |step: &&String| found.iter().any(|index| step.contains(index));
            assert!(!steps.is_empty(), "{}", statement.doing);
            assert!(steps.iter().all(by_index), "{}: {steps:?}", statement.doing);
        }
    }
}

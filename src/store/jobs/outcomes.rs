//! The outcome of a build, written in one transaction.
//!
//! All of it, or nothing: a job that is completed has its state, resources, agents and log, and a
//! workspace is gone exactly when its delete build has succeeded. Written only while the job is
//! still the worker's and open; another worker may have taken the job over:
//!
//! 1. worker A sleeps through its heartbeats,
//! 2. worker B takes the job over and builds,
//! 3. A wakes up and is done first.
//!
//! Then A's outcome is dropped, and B's counts.

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::jobs::logs;
use crate::store::session::arguments::{args, id_list, json_rows};
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;
use crate::store::write::workspaces::DELETE_AGENTS;
use crate::store::{Job, JobSession, LogBatch, StoreError};

/// What a build made: something with agents in it, such as a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Resource {
    /// Kind, such as `docker_container`; at most 192 characters.
    pub kind: String,
    /// Name, at most 64 characters.
    pub name: String,
    /// Its agents, through which people work in it.
    #[serde(skip)]
    pub agents: Vec<Agent>,
}

/// An agent, up and ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Agent {
    /// Name, unique in the build, at most 64 characters.
    pub name: String,
    /// Such as `linux`; at most 64 characters.
    pub operating_system: String,
    /// Such as `amd64`; at most 64 characters.
    pub architecture: String,
    /// Where work begins, at most 4096 characters; may be empty.
    pub directory: String,
}

/// How a build ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum BuildOutcome {
    /// With these resources.
    Succeeded(Vec<Resource>),
    /// With an error, for people; not empty.
    Failed(String),
    /// Its job was cancelled.
    Canceled,
}

/// What is written about a build that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Completion<'a> {
    /// How it ended.
    pub outcome: &'a BuildOutcome,
    /// The state that it left behind; none leaves that of the build before in place.
    pub state: Option<&'a [u8]>,
    /// The rest of its log.
    pub log: &'a LogBatch,
}

impl JobSession {
    /// Records the end of a build. Returns false, and writes nothing, when the job is no longer the
    /// worker's.
    pub(crate) async fn complete(
        &mut self,
        worker: Uuid,
        job: &Job,
        completion: &Completion<'_>,
        now: Time,
    ) -> Result<bool, StoreError> {
        let connection = &mut self.connection;
        connection.begin_write().await?;
        let (error, canceled) = match completion.outcome {
            BuildOutcome::Succeeded(_) => (None, false),
            BuildOutcome::Failed(error) => (Some(logs::storable(error)), false),
            BuildOutcome::Canceled => (None, true),
        };
        let (length, overflowed) = completion.log.fullness();
        let error = error.as_deref();
        let arguments = args![worker, job.id, now, error, canceled, length, overflowed];
        let owned = connection.execute(&COMPLETE, arguments).await?;
        if owned == 0 {
            connection.rollback().await?;
            return Ok(false);
        }
        logs::insert(connection, job.id, completion.log).await?;
        if let Some(state) = completion.state {
            let arguments = args![job.id, state, now];
            connection.execute(&SET_STATE, arguments).await?;
        }
        if let BuildOutcome::Succeeded(resources) = completion.outcome {
            insert_resources(connection, job, resources, now).await?;
            if job.transition == Transition::Start {
                set_deadline(connection, job, now).await?;
            }
            if job.transition == Transition::Delete {
                let arguments = args![job.workspace_id];
                connection.execute(&DELETE_WORKSPACE, arguments).await?;
                let arguments = args![id_list(&[job.workspace_id])];
                connection.execute(&DELETE_AGENTS, arguments).await?;
            }
        }
        connection.commit().await?;
        Ok(true)
    }
}

/// Stores the deadline of a person's workspace with a time to live. Workspaces of the prebuilds user
/// run until they are claimed or deleted.
async fn set_deadline(connection: &mut Connection, job: &Job, now: Time) -> Result<(), StoreError> {
    let arguments = args![job.workspace_id, PREBUILDS_USER_ID];
    let ttl: Option<TimeDelta> = connection.fetch_first(&TTL, arguments).await?;
    if let Some(deadline) = ttl.and_then(|ttl| now.checked_add_signed(ttl)) {
        let arguments = args![job.build_id, deadline];
        connection.execute(&SET_DEADLINE, arguments).await?;
    }
    Ok(())
}

async fn insert_resources(
    connection: &mut Connection,
    job: &Job,
    resources: &[Resource],
    now: Time,
) -> Result<(), StoreError> {
    let mut agents = Vec::new();
    let mut rows = Vec::new();
    for resource in resources {
        let id = Uuid::new_v4();
        rows.push(ResourceRow {
            id,
            transition: job.transition,
            resource,
        });
        agents.extend(resource.agents.iter().map(|agent| AgentRow {
            id: Uuid::new_v4(),
            resource_id: id,
            auth_token: Uuid::new_v4(),
            agent,
        }));
    }
    if !rows.is_empty() {
        let arguments = args![json_rows(&rows), job.id, now];
        connection.execute(&INSERT_RESOURCES, arguments).await?;
    }
    if !agents.is_empty() {
        let arguments = args![json_rows(&agents), now];
        connection.execute(&INSERT_AGENTS, arguments).await?;
    }
    Ok(())
}

#[derive(Serialize)]
struct ResourceRow<'a> {
    id: Uuid,
    transition: Transition,
    #[serde(flatten)]
    resource: &'a Resource,
}

#[derive(Serialize)]
struct AgentRow<'a> {
    id: Uuid,
    resource_id: Uuid,
    auth_token: Uuid,
    #[serde(flatten)]
    agent: &'a Agent,
}

statements! {
    COMPLETE: "completing a job", "job/complete";
    SET_STATE: "storing a build's state", "build/set_state";
    TTL: "looking up how long a workspace runs",
        sql "SELECT ttl FROM workspaces WHERE id = $1 AND owner_id <> $2 AND ttl > 0";
    SET_DEADLINE: "storing when a workspace is to stop",
        sql "UPDATE workspace_builds SET deadline = $2 WHERE id = $1";
    INSERT_RESOURCES: "storing a build's resources", "resource/insert";
    INSERT_AGENTS: "storing a build's agents", "agent/insert";
    DELETE_WORKSPACE: "marking a workspace deleted",
        sql "UPDATE workspaces SET deleted = true WHERE id = $1";
}

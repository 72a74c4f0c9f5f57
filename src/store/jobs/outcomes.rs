//! The outcomes of builds, several in one transaction.
//!
//! All of an outcome, or nothing: a job that is completed has its state, resources, agents and log, and a
//! workspace is gone exactly when its delete build has succeeded. Written only while the job is
//! still the worker's and open; another worker may have taken the job over:
//!
//! 1. worker A sleeps through its heartbeats,
//! 2. worker B takes the job over and builds,
//! 3. A wakes up and is done first.
//!
//! Then A's outcome is dropped, and B's counts.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::jobs::logs;
use crate::store::session::arguments::{args, id_list, json_rows, serialize_time};
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;
use crate::store::write::workspaces::DELETE_AGENTS;
use crate::store::{Job, LogBatch, StoreError};

/// What a build made: something with agents in it, such as a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resource {
    /// Kind, such as `docker_container`; at most 192 characters.
    #[serde(rename(deserialize = "type"))]
    pub kind: String,
    /// Name, at most 64 characters.
    pub name: String,
    /// Its agents, through which people work in it.
    #[serde(default, skip_serializing)]
    pub agents: Vec<Agent>,
}

/// An agent, up and ready.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Agent {
    /// Name, unique in the build, at most 64 characters.
    pub name: String,
    /// Such as `linux`; at most 64 characters.
    #[serde(default = "host_operating_system")]
    pub operating_system: String,
    /// Such as `amd64`; at most 64 characters.
    #[serde(default = "host_architecture")]
    pub architecture: String,
    /// Where work begins, at most 4096 characters; may be empty.
    #[serde(default)]
    pub directory: String,
}

impl Agent {
    /// An agent on a system such as this one.
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            operating_system: host_operating_system(),
            architecture: host_architecture(),
            directory: String::new(),
        }
    }
}

/// In the words that Coder's agents use.
fn host_operating_system() -> String {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
    .to_owned()
}

/// In the words that Coder's agents use.
fn host_architecture() -> String {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "arm" => "armv7",
        other => other,
    }
    .to_owned()
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
    pub job: &'a Job,
    /// How it ended.
    pub outcome: &'a BuildOutcome,
    /// The state that it left behind; none leaves that of the build before in place.
    pub state: Option<&'a [u8]>,
    /// The rest of its log.
    pub log: &'a LogBatch,
}

/// Records the ends of builds, in a handful of statements whatever their number. Returns the ids of
/// the jobs that were still the worker's, with those that it has recorded before, by a commit whose answer
/// was lost; nothing is written of any other. This host's clock is `behind` that of the database.
pub(super) async fn complete(
    connection: &mut Connection,
    worker: Uuid,
    completions: &[Completion<'_>],
    now: Time,
    behind: TimeDelta,
) -> Result<BTreeSet<Uuid>, StoreError> {
    if completions.is_empty() {
        return Ok(BTreeSet::new());
    }
    let rows: Vec<EndRow> = completions.iter().map(EndRow::from).collect();
    let arguments = args![worker, json_rows(&rows), now];
    let owned = connection.fetch(&COMPLETE, arguments).await?;
    let mut owned: BTreeSet<Uuid> = owned.into_iter().collect();
    let of = |completion: &&Completion<'_>| owned.contains(&completion.job.id);
    let written: Vec<&Completion<'_>> = completions.iter().filter(of).collect();

    let logs = written.iter().map(|it| (it.job.id, it.log));
    logs::insert(connection, logs, behind).await?;
    for completion in &written {
        if let Some(state) = completion.state {
            let arguments = args![completion.job.id, state, now];
            connection.execute(&SET_STATE, arguments).await?;
        }
    }
    insert_resources(connection, &written, now).await?;
    let succeeded = |transition| {
        let written = written.iter();
        let jobs = written.filter(|it| matches!(it.outcome, BuildOutcome::Succeeded(_)));
        let jobs = jobs.map(|it| it.job);
        jobs.filter(move |job| job.transition == transition)
    };
    set_deadlines(connection, succeeded(Transition::Start), now).await?;
    delete(connection, succeeded(Transition::Delete)).await?;
    let missing = completions.iter().map(|it| it.job.id);
    let missing: Vec<Uuid> = missing.filter(|id| !owned.contains(id)).collect();
    if !missing.is_empty() {
        let arguments = args![worker, id_list(&missing)];
        let recorded: Vec<Uuid> = connection.fetch(&RECORDED, arguments).await?;
        owned.extend(recorded);
    }
    Ok(owned)
}

/// Stores the deadlines of people's workspaces with a time to live. Workspaces of the prebuilds user
/// run until they are claimed or deleted.
async fn set_deadlines<'a>(
    connection: &mut Connection,
    jobs: impl Iterator<Item = &'a Job>,
    now: Time,
) -> Result<(), StoreError> {
    let jobs = jobs.filter(|job| job.owner_id != PREBUILDS_USER_ID);
    let builds: Vec<Uuid> = jobs.map(|job| job.build_id).collect();
    if builds.is_empty() {
        return Ok(());
    }
    let times: Vec<(Uuid, TimeDelta)> = connection.fetch(&TTLS, args![id_list(&builds)]).await?;
    let deadline = |(id, ttl)| {
        let deadline = now.checked_add_signed(ttl)?;
        Some(DeadlineRow { id, deadline })
    };
    let rows: Vec<DeadlineRow> = times.into_iter().filter_map(deadline).collect();
    if !rows.is_empty() {
        let arguments = args![json_rows(&rows)];
        connection.execute(&SET_DEADLINES, arguments).await?;
    }
    Ok(())
}

/// Marks the workspaces of delete builds deleted, with their agents.
async fn delete<'a>(
    connection: &mut Connection,
    jobs: impl Iterator<Item = &'a Job>,
) -> Result<(), StoreError> {
    let workspaces: Vec<Uuid> = jobs.map(|job| job.workspace_id).collect();
    if !workspaces.is_empty() {
        let workspaces = id_list(&workspaces);
        connection.execute(&DELETE, args![&workspaces]).await?;
        connection
            .execute(&DELETE_AGENTS, args![&workspaces])
            .await?;
    }
    Ok(())
}

async fn insert_resources(
    connection: &mut Connection,
    completions: &[&Completion<'_>],
    now: Time,
) -> Result<(), StoreError> {
    let mut agents = Vec::new();
    let mut rows = Vec::new();
    for completion in completions {
        let BuildOutcome::Succeeded(resources) = completion.outcome else {
            continue;
        };
        for resource in resources {
            let id = Uuid::new_v4();
            rows.push(ResourceRow {
                id,
                job_id: completion.job.id,
                transition: completion.job.transition,
                resource,
            });
            agents.extend(resource.agents.iter().map(|agent| AgentRow {
                id: Uuid::new_v4(),
                resource_id: id,
                auth_token: Uuid::new_v4(),
                agent,
            }));
        }
    }
    if !rows.is_empty() {
        let arguments = args![json_rows(&rows), now];
        connection.execute(&INSERT_RESOURCES, arguments).await?;
    }
    if !agents.is_empty() {
        let arguments = args![json_rows(&agents), now];
        connection.execute(&INSERT_AGENTS, arguments).await?;
    }
    Ok(())
}

/// The end of a job, as its row says it.
#[derive(Serialize)]
struct EndRow {
    id: Uuid,
    error: Option<String>,
    canceled: bool,
    logs_length: i64,
    logs_overflowed: bool,
}

impl From<&Completion<'_>> for EndRow {
    fn from(completion: &Completion<'_>) -> Self {
        let (logs_length, logs_overflowed) = completion.log.fullness();
        let error = match completion.outcome {
            BuildOutcome::Failed(error) => Some(logs::storable(error)),
            BuildOutcome::Succeeded(_) | BuildOutcome::Canceled => None,
        };
        Self {
            id: completion.job.id,
            error,
            canceled: *completion.outcome == BuildOutcome::Canceled,
            logs_length,
            logs_overflowed,
        }
    }
}

#[derive(Serialize)]
struct DeadlineRow {
    id: Uuid,
    #[serde(serialize_with = "serialize_time")]
    deadline: Time,
}

#[derive(Serialize)]
struct ResourceRow<'a> {
    id: Uuid,
    job_id: Uuid,
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
    COMPLETE: "completing jobs", "job/complete";
    RECORDED: "looking for jobs completed before", "job/read_completed";
    pub(super) SET_STATE: "storing a build's state", "build/set_state";
    TTLS: "looking up how long workspaces run", "build/read_ttls";
    SET_DEADLINES: "storing when workspaces are to stop", "build/set_deadlines";
    INSERT_RESOURCES: "storing the builds' resources", "resource/insert";
    INSERT_AGENTS: "storing the builds' agents", "agent/insert";
    DELETE: "marking workspaces deleted",
        sql "UPDATE workspaces SET deleted = true WHERE id IN ({ids $1})";
}

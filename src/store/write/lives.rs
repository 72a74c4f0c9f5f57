//! The session of claimed workspaces on a database of our own: starting, stopping, deleting them.
//!
//! On Coder's database coderd does that, and the session is refused. What is not committed is undone when
//! the session ends.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::model::ClaimedWorkspace;
use crate::store::session::arguments::{args, id_list};
use crate::store::session::connection::{Access, Use};
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::write::builds::Writer;
use crate::store::{Postings, Reader, Store, StoreError, notify};

/// A session that builds people's workspaces.
pub(crate) struct LifeSession {
    pub(crate) writer: Writer,
}

/// An agent, and the folder in which work begins; empty where the build doesn't say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct AgentPlace {
    pub name: String,
    pub directory: String,
}

impl Store {
    /// Opens a session that builds people's workspaces. A database that Coder manages is refused.
    pub(crate) async fn open_lives(&self) -> Result<LifeSession, StoreError> {
        let reader = self.open(Access::Write, Use::Again).await?;
        if !reader.is_own() {
            reader.close().await;
            return Err(StoreError::Refused {
                problem: format!("{}: Coder manages this database", self.target),
                hint: "coderd sees to people's workspaces: coder start, coder stop, coder delete",
            });
        }
        let writer = Writer { reader };
        Ok(LifeSession { writer })
    }
}

impl Reader {
    /// Whether the database is one of our own.
    pub(crate) fn is_own(&self) -> bool {
        self.schema.kind() == Kind::Own
    }

    /// People's live workspaces on a database of our own, by owner and name; none on Coder's.
    pub(crate) async fn read_claimed(&mut self) -> Result<Vec<ClaimedWorkspace>, StoreError> {
        if !self.is_own() {
            return Ok(Vec::new());
        }
        self.connection.fetch(&CLAIMED, &[]).await
    }

    /// The agents that the builds of these jobs have made, by job.
    pub(crate) async fn read_agents(
        &mut self,
        jobs: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Vec<AgentPlace>>, StoreError> {
        let mut agents: BTreeMap<Uuid, Vec<AgentPlace>> = BTreeMap::new();
        if jobs.is_empty() {
            return Ok(agents);
        }
        let arguments = args![id_list(jobs)];
        let rows: Vec<(Uuid, AgentPlace)> = self.connection.fetch(&AGENTS, arguments).await?;
        for (job, agent) in rows {
            agents.entry(job).or_default().push(agent);
        }
        Ok(agents)
    }
}

impl LifeSession {
    /// Begins a transaction that writes.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.begin_write().await
    }

    /// Wakes provisioners for jobs that are committed, and notifies other processes of this tool.
    pub(crate) async fn notify(&mut self, postings: &Postings) -> Result<(), StoreError> {
        notify::post_jobs(&mut self.connection, postings).await?;
        notify::post_change(&mut self.connection, "life").await;
        Ok(())
    }
}

rows! {
    ClaimedWorkspace {
        id, name, owner_id, owner_name, organization_name, template_id, template_name,
        template_version_id, template_version_name, build_id, build_number, job_id, transition,
        job_status, is_claim, last_build_at, error, deadline, autostart_schedule, next_start_at
    }
    AgentPlace { name, directory }
}

statements! {
    CLAIMED: "reading the claimed workspaces", "workspace/read_claimed";
    AGENTS: "reading where work begins", "agent/read_places";
}

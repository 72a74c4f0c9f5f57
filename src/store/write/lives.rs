//! The session of claimed workspaces on a database of our own: starting, stopping, deleting them.
//!
//! On Coder's database coderd does that, and the session is refused. What is not committed is undone when
//! the session ends.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

use crate::model::history::HistoryEntry;
use crate::model::{ClaimedWorkspace, Time};
use crate::store::session::arguments::{args, id_list, json_rows};
use crate::store::session::connection::{Access, Use};
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::write::builds::Writer;
use crate::store::write::history;
use crate::store::{Postings, Reader, Store, StoreError, notify};

/// A session that builds people's workspaces.
pub(crate) struct LifeSession {
    pub(crate) writer: Writer,
    /// Who does it, for the history.
    pub(crate) actor: String,
}

/// An agent, and the folder in which work begins; empty where the build doesn't say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct AgentPlace {
    pub name: String,
    pub directory: String,
}

/// A person who can own workspaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Person {
    pub id: Uuid,
    pub username: String,
    pub email: String,
}

/// A workspace that another person gets.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Gift {
    pub workspace_id: Uuid,
    pub owner_id: Uuid,
    pub new_owner_id: Uuid,
}

impl Writer {
    /// Gives workspaces that are still their owner's to another one.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when that one has a workspace of the name.
    pub(crate) async fn give(&mut self, gifts: &[Gift], now: Time) -> Result<(), StoreError> {
        if !gifts.is_empty() {
            let arguments = args![json_rows(gifts), now];
            self.connection.execute(&GIVE, arguments).await?;
        }
        Ok(())
    }
}

impl Store {
    /// Opens a session that builds people's workspaces. A database that Coder manages is refused.
    pub(crate) async fn open_lives(&self, actor: String) -> Result<LifeSession, StoreError> {
        let reader = self.open(Access::Write, Use::Again).await?;
        if !reader.is_own() {
            reader.close().await;
            return Err(StoreError::Refused {
                problem: format!("{}: Coder manages this database", self.target),
                hint: "coderd sees to people's workspaces: coder start, coder stop, coder delete",
            });
        }
        let writer = Writer { reader };
        Ok(LifeSession { writer, actor })
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

    /// Undoes the transaction.
    pub(crate) async fn rollback(&mut self) -> Result<(), StoreError> {
        self.connection.rollback().await
    }

    /// Appends to the history, in the transaction that has begun.
    pub(crate) async fn append_history(
        &mut self,
        entries: &[HistoryEntry],
    ) -> Result<(), StoreError> {
        if entries.is_empty() {
            return Ok(());
        }
        history::append(&mut self.connection, entries).await
    }

    /// The people who can own workspaces, by name.
    pub(crate) async fn read_people(&mut self) -> Result<Vec<Person>, StoreError> {
        self.connection.fetch(&PEOPLE, &[]).await
    }

    /// Names of the organizations that a person is a member of.
    pub(crate) async fn read_memberships(
        &mut self,
        user: Uuid,
    ) -> Result<BTreeSet<String>, StoreError> {
        let names = self.connection.fetch(&MEMBERSHIPS, args![user]).await?;
        Ok(names.into_iter().collect())
    }

    /// Marks a person deleted who owns no workspace. False: there is no such person, or a workspace has
    /// become theirs meanwhile.
    pub(crate) async fn remove_user(&mut self, username: &str) -> Result<bool, StoreError> {
        self.begin().await?;
        // Whoever is giving the person a workspace holds the row until it is theirs, because of the foreign
        // key; the statement that looks for workspaces has to begin after that.
        let held: Vec<Uuid> = self.connection.fetch(&HOLD, args![username]).await?;
        if held.is_empty() {
            self.rollback().await?;
            return Ok(false);
        }
        let arguments = args![username, self.now()];
        let removed = self.connection.execute(&REMOVE, arguments).await?;
        if removed > 0 {
            let entry = HistoryEntry::new(self.now(), "remove_user", &self.actor, "", username);
            self.append_history(&[entry]).await?;
        }
        self.connection.commit().await?;
        Ok(removed > 0)
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
    Person { id, username, email }
}

statements! {
    CLAIMED: "reading the claimed workspaces", "workspace/read_claimed";
    GIVE: "giving workspaces away", "workspace/give";
    PEOPLE: "reading the users",
        sql "SELECT id, username, email FROM users WHERE NOT deleted AND NOT is_system
             ORDER BY username, id";
    MEMBERSHIPS: "reading memberships",
        sql "SELECT o.name FROM organization_members AS m
             JOIN organizations AS o ON o.id = m.organization_id WHERE m.user_id = $1";
    HOLD: "removing a user", "user/hold";
    REMOVE: "removing a user", "user/remove";
    AGENTS: "reading where work begins", "agent/read_places";
}

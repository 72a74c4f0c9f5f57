//! What `doctor` asks a database beyond a snapshot.
//!
//! Reads only. Every answer is about the session, the server or the queue; what it means for an
//! operator is said in the command.

use chrono::TimeDelta;

use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::args;
use crate::store::session::connection::Connection;
use crate::store::session::rights;
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

/// Who made the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchemaOwner {
    Coder,
    /// `prebuildctl init`.
    Prebuildctl,
}

/// Who holds the reconciliation lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LockHolder {
    /// Process id of the session on the server.
    pub pid: i64,
    /// The name that the client gave itself.
    pub application: String,
    /// For how many seconds the session's transaction, or its last statement, has been running; none
    /// where this role may not see it.
    pub seconds: Option<i64>,
}

/// The jobs of the prebuilds user that wait for a provisioner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Queue {
    /// How many there are.
    pub waiting: i64,
    /// When the oldest was created.
    pub oldest: Option<Time>,
}

/// The builds of people that wait for a provisioner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PeopleQueue {
    pub waiting: i64,
    /// When the oldest was created.
    pub oldest: Option<Time>,
    /// How many of them hand a prebuilt workspace to its owner.
    pub claims: i64,
}

/// A clock may be ahead by as much before its marks are taken for mistaken.
const MARK_TOLERANCE: TimeDelta = TimeDelta::seconds(1);

/// Most schedules that are read: a deployment has some dozens, since people share their hours.
const MAX_SCHEDULES: i64 = 10_000;

/// An autostart schedule of live workspaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AutostartSchedule {
    /// The first 500 characters.
    pub schedule: String,
    /// How many workspaces have it.
    pub workspaces: i64,
    /// The name of one of them.
    pub example: String,
}

statements! {
    SERVER: "asking the server for its version",
        sql "SELECT {either CAST(split_part(current_setting('server_version'), ' ', 1) AS text) | sqlite_version()}";
    FUTURE_MARKS: "reading invalidations", "preset/read_future_marks";
    /// On PostgreSQL only.
    LOCK_HOLDERS: "asking who holds the reconciliation lock", "lock/read_holders";
    QUEUE: "reading the queue", "job/read_queue";
    PEOPLE: "reading the queue of people", "job/read_queue_of_people";
    AUTOSTART: "reading the autostart schedules", "workspace/read_autostart";
}

rows! {
    LockHolder { pid, application, seconds }
    Queue { waiting, oldest }
    PeopleQueue { waiting, oldest, claims }
    AutostartSchedule { schedule, workspaces, example }
}

impl Reader {
    /// The presets whose mark of invalidation is still to come.
    pub(crate) async fn future_marks(&mut self) -> Result<Vec<String>, StoreError> {
        if !self
            .schema
            .has_column("template_version_presets", "last_invalidated_at")
        {
            return Ok(Vec::new());
        }
        let soon = self.now() + MARK_TOLERANCE;
        self.connection.fetch(&FUTURE_MARKS, args![soon]).await
    }

    /// Version of the server.
    pub(crate) async fn server_version(&mut self) -> Result<String, StoreError> {
        let row = self.connection.fetch_first(&SERVER, &[]).await?;
        Ok(row.unwrap_or_default())
    }

    /// Who made the schema.
    pub(crate) fn schema_owner(&self) -> SchemaOwner {
        match self.schema.kind() {
            Kind::Coder => SchemaOwner::Coder,
            Kind::Own | Kind::Empty | Kind::Foreign => SchemaOwner::Prebuildctl,
        }
    }

    /// Why passes are refused on this schema, if they are.
    pub(crate) fn check_writable(&self) -> Result<(), StoreError> {
        self.schema.check_writable()
    }

    /// Whether transactions of the server, the database or the role are read-only unless they say
    /// otherwise; passes are refused there.
    pub(crate) fn is_read_only_by_default(&self) -> bool {
        match &self.connection {
            Connection::Postgres(session) => session.is_read_only_by_default(),
            Connection::Sqlite(_) => false,
        }
    }

    /// Whether the server's session is known to be this client's alone, as it isn't behind a proxy.
    pub(crate) fn has_own_session(&self) -> bool {
        match &self.connection {
            Connection::Postgres(session) => session.is_own(),
            Connection::Sqlite(_) => true,
        }
    }

    /// Rights that the role lacks to render templates with dynamic parameters.
    pub(crate) fn missing_rights_to_render(&self) -> Vec<String> {
        self.schema.missing_rights(rights::RENDERING)
    }

    /// Rights that the role lacks to look logins at external authentications up.
    pub(crate) fn missing_rights_to_logins(&self) -> Vec<String> {
        self.schema.missing_rights(rights::LOGINS)
    }

    /// Rights that the role lacks to begin and end pauses.
    pub(crate) fn missing_rights_to_pause(&self) -> Vec<String> {
        self.schema.missing_rights(rights::PAUSING)
    }

    /// Rights that the role lacks for passes.
    pub(crate) fn missing_rights(&self) -> Vec<String> {
        self.schema.missing_rights(rights::WRITING)
    }

    /// Sessions that hold the reconciliation lock: at most one. SQLite doesn't say.
    pub(crate) async fn lock_holders(&mut self) -> Result<Vec<LockHolder>, StoreError> {
        match self.connection {
            Connection::Postgres(_) => self.connection.fetch(&LOCK_HOLDERS, &[]).await,
            Connection::Sqlite(_) => Ok(Vec::new()),
        }
    }

    /// The prebuilds user's jobs that wait.
    pub(crate) async fn queue(&mut self) -> Result<Queue, StoreError> {
        let arguments = args![PREBUILDS_USER_ID];
        let queue = self.connection.fetch_first(&QUEUE, arguments).await?;
        Ok(queue.unwrap_or_default())
    }

    /// The builds of people that wait.
    pub(crate) async fn queue_of_people(&mut self) -> Result<PeopleQueue, StoreError> {
        let arguments = args![PREBUILDS_USER_ID];
        let queue = self.connection.fetch_first(&PEOPLE, arguments).await?;
        Ok(queue.unwrap_or_default())
    }

    /// The different autostart schedules of people's workspaces; the first of them where there are
    /// very many.
    pub(crate) async fn autostart_schedules(
        &mut self,
    ) -> Result<Vec<AutostartSchedule>, StoreError> {
        let arguments = args![PREBUILDS_USER_ID, MAX_SCHEDULES];
        self.connection.fetch(&AUTOSTART, arguments).await
    }

    /// Whether the database is an embedded one.
    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self.connection, Connection::Sqlite(_))
    }
}

//! What `doctor` asks a database beyond a snapshot.
//!
//! Reads only. Every answer is about the session, the server or the queue; what it means for an
//! operator is said in the command.

use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::connection::{Connection, Statement, fetch};
use crate::store::session::rights;
use crate::store::session::row::{Id, Stamp};
use crate::store::session::schema::Kind;
use crate::store::{Reader, StoreError};

/// Who made the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SchemaOwner {
    Coder,
    /// `prebuildctl init`.
    Prebuildctl,
}

/// Who holds the reconciliation lock.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct LockHolder {
    /// Process id of the session on the server.
    pub pid: i64,
    /// The name that the client gave itself.
    pub application: String,
    /// For how long the session's transaction, or its last statement, has been going on, in
    /// seconds; none where this role may not see it.
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

const SERVER: Statement = Statement {
    doing: "asking the server for its version and time",
    postgres: "SELECT CAST(split_part(current_setting('server_version'), ' ', 1) AS text), \
               clock_timestamp()",
    sqlite: "SELECT sqlite_version(), strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'",
};

const LOCK_HOLDERS: Statement = Statement {
    doing: "asking who holds the reconciliation lock",
    postgres: include_str!("../sql/lock_holders.postgres.sql"),
    sqlite: "SELECT 0, '', 0 WHERE false",
};

const QUEUE: Statement = Statement::both(
    "reading the queue",
    "SELECT count(*), min(created_at) FROM provisioner_jobs \
     WHERE job_status = 'pending' AND initiator_id = $1",
);

impl Reader {
    /// Version of the server, and what its clock says.
    pub(crate) async fn server(&mut self) -> Result<(String, Option<Time>), StoreError> {
        let rows: Vec<(String, Stamp)> = fetch!(&mut self.connection, (String, Stamp), SERVER)?;
        let row = rows.into_iter().next();
        Ok(row.map_or((String::new(), None), |(version, time)| {
            (version, Some(time.0))
        }))
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

    /// Rights that the role lacks for passes.
    pub(crate) async fn missing_rights(&mut self) -> Result<Vec<String>, StoreError> {
        rights::missing(&mut self.connection, rights::WRITING).await
    }

    /// Sessions that hold the reconciliation lock: one at the most. SQLite doesn't tell.
    pub(crate) async fn lock_holders(&mut self) -> Result<Vec<LockHolder>, StoreError> {
        fetch!(&mut self.connection, LockHolder, LOCK_HOLDERS)
    }

    /// The prebuilds user's jobs that wait.
    pub(crate) async fn queue(&mut self) -> Result<Queue, StoreError> {
        let rows: Vec<(i64, Option<Stamp>)> = fetch!(
            &mut self.connection,
            (i64, Option<Stamp>),
            QUEUE,
            Id(PREBUILDS_USER_ID)
        )?;
        let queue = |(waiting, oldest): (i64, Option<Stamp>)| Queue {
            waiting,
            oldest: oldest.map(|stamp| stamp.0),
        };
        Ok(rows.into_iter().next().map_or_else(Queue::default, queue))
    }

    /// Whether the database is an embedded one.
    pub(crate) fn is_embedded(&self) -> bool {
        matches!(self.connection, Connection::Sqlite(_))
    }
}

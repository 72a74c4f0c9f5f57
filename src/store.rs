//! The store module: the only door to both databases.
//!
//! Everything that knows SQL or `sqlx` is in here; what comes out are facts and outcomes in the
//! words of the domain. A [`Reader`] has no method that writes, on a session that would refuse to; a
//! [`Pass`] carries out a plan in one transaction. A connection serves one command and is closed
//! with it: there is no pool, so nothing waits for a connection that its own process holds. A second
//! one helps where there is much to read, and is never needed.

mod beside;
mod builds;
mod claims;
mod cleanup;
mod connection;
mod daemons;
mod declare;
mod error;
mod failures;
mod health;
mod invalidate;
mod job_timings;
mod jobs;
mod kept;
mod listen;
mod logs;
mod membership;
mod notify;
mod outcomes;
mod pass;
mod pooler;
mod replacements;
mod rights;
mod schema;
mod settings;
mod snapshot;
mod target;
mod totals;
mod values;
mod versions;
mod what_if;
mod writes;

use std::collections::BTreeMap;
use std::time::Duration;

use uuid::Uuid;

pub use builds::LastBuild;
pub use claims::{ClaimSession, HandOver, PoolCounts, PoolRow, Wish, WishFacts};
pub use cleanup::JobOutcome;
pub use error::StoreError;
pub use failures::FailedBuild;
pub use health::{LockHolder, Queue, SchemaOwner};
pub use invalidate::{Invalidator, Mark};
pub use job_timings::{JobTiming, TimedBuild};
pub use jobs::{Job, JobSession, Taking};
pub use kept::KeptPool;
pub use listen::Changes;
pub use logs::{LogBatch, LogLevel, LogLine};
pub use membership::Joined;
pub use notify::CHANGED_CHANNEL;
pub use outcomes::{Agent, Completion, Outcome, Resource};
pub use pass::Pass;
pub use replacements::{Replaced, Replacement, ReplacementCount};
pub use settings::PauseOutcome;
pub use target::Target;
pub use totals::Totals;
pub use writes::{Cancelled, NewWorkspace, Provisioner};

use crate::builds::Version;
use crate::facts::Facts;
use connection::{Access, Connection};
use schema::{Kind, Schema};

/// A database, not yet connected to.
#[derive(Clone, Debug)]
pub struct Store {
    target: Target,
    connect_timeout: Duration,
}

impl Store {
    /// A store at `target`; every connection must be open within `connect_timeout`.
    pub fn new(target: Target, connect_timeout: Duration) -> Self {
        Self {
            target,
            connect_timeout,
        }
    }

    /// Which database it is.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Opens a session that can only read.
    pub async fn open_reader(&self) -> Result<Reader, StoreError> {
        let (connection, schema) = self.open(Access::Read).await?;
        Ok(Reader {
            connection,
            schema,
            target: self.target.clone(),
        })
    }

    /// Creates the schema in an empty database, or brings one of our own up to date. Returns whether
    /// anything was done. A database that Coder manages, or that holds anything else, is refused.
    pub async fn init(&self) -> Result<bool, StoreError> {
        let mut connection = self.connect(Access::Create).await?;
        if let Err(error) = self.refuse_others(&mut connection).await {
            connection.close().await;
            return Err(error);
        }
        let done = schema::migrate(&mut connection).await;
        connection.close().await;
        done
    }

    async fn connect(&self, access: Access) -> Result<Connection, StoreError> {
        Connection::open(&self.target, access, self.connect_timeout).await
    }

    /// Refuses databases that are neither empty nor ours. Returns which of the two it is.
    async fn refuse_others(&self, connection: &mut Connection) -> Result<Kind, StoreError> {
        let kind = Schema::read(connection).await?.kind();
        let (problem, hint) = match kind {
            Kind::Empty | Kind::Own => return Ok(kind),
            Kind::Coder => (
                "Coder manages this database",
                "its pools are declared by templates; snapshot, plan and reconcile-once work on it",
            ),
            Kind::Foreign => (
                "the database holds tables of something else",
                "name an empty database",
            ),
        };
        Err(StoreError::Refused {
            problem: format!("{}: {problem}", self.target),
            hint,
        })
    }

    /// Opens a session that writes to a database of our own. An SQLite file is made when there is
    /// none, and an empty one gets its schema.
    async fn open_own(&self) -> Result<Connection, StoreError> {
        let access = match self.target {
            Target::Sqlite(_) => Access::Create,
            Target::Postgres(_) => Access::Write,
        };
        let mut connection = self.connect(access).await?;
        match (self.refuse_others(&mut connection).await?, &self.target) {
            (Kind::Empty, Target::Sqlite(_)) => {
                schema::migrate(&mut connection).await?;
            }
            (Kind::Empty, Target::Postgres(_)) => {
                Schema::default().check_readable(&self.target)?;
            }
            _ => schema::check_version(&mut connection).await?,
        }
        Ok(connection)
    }

    /// Opens a session on a database whose schema can be read.
    async fn open(&self, access: Access) -> Result<(Connection, Schema), StoreError> {
        let mut connection = self.connect(access).await?;
        let schema = Schema::read(&mut connection).await?;
        schema.check_readable(&self.target)?;
        if schema.kind() == Kind::Own {
            schema::check_version(&mut connection).await?;
        }
        Ok((connection, schema))
    }
}

/// A session that can only read.
pub struct Reader {
    connection: Connection,
    schema: Schema,
    target: Target,
}

impl Reader {
    /// Reads the facts of a snapshot, all as of one moment.
    pub async fn read_facts(&mut self) -> Result<Facts, StoreError> {
        self.connection.begin_read().await?;
        let facts = snapshot::read_facts(&mut self.connection, &self.schema, &self.target).await?;
        self.connection.rollback().await?;
        Ok(facts)
    }

    /// Template versions, as far as builds on them need to know them.
    pub async fn read_versions(
        &mut self,
        ids: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Version>, StoreError> {
        versions::read_versions(&mut self.connection, &self.schema, ids).await
    }

    /// Lets the server give a statement up about when whoever asked for metrics does.
    async fn limit_statements(&mut self) -> Result<(), StoreError> {
        match self.connection {
            Connection::Postgres(_) => {
                let limit = "SET statement_timeout = '10s'";
                self.connection.run_raw("limiting statements", limit).await
            }
            Connection::Sqlite(_) => Ok(()),
        }
    }

    /// Ends the session.
    pub async fn close(self) {
        self.connection.close().await;
    }
}

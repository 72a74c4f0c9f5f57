//! The store module: the only door to both databases.
//!
//! Everything that knows SQL or `sqlx` is in here; what comes out are facts and outcomes in the
//! words of the domain. A [`Reader`] has no method that writes, on a session that would refuse to; a
//! [`Pass`] carries out a plan in one transaction. A connection serves one command and is closed
//! with it: there is no pool, so nothing waits for a connection that its own process holds.

mod connection;
mod error;
mod pass;
mod schema;
mod snapshot;
mod target;
mod values;
mod versions;
mod writes;

use std::time::Duration;

pub use error::StoreError;
pub use pass::Pass;
pub use target::Target;
pub use writes::{LastBuild, NewWorkspace, Provisioner};

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
        Ok(Reader { connection, schema })
    }

    /// Creates the schema in an empty database, or brings one of our own up to date. Returns whether
    /// anything was done. A database that Coder manages, or that holds anything else, is refused.
    pub async fn init(&self) -> Result<bool, StoreError> {
        let mut connection =
            Connection::open(&self.target, Access::Create, self.connect_timeout).await?;
        let refused = match Schema::read(&mut connection).await?.kind() {
            Kind::Empty | Kind::Own => None,
            Kind::Coder => Some((
                "Coder manages this database",
                "its pools are declared by templates; snapshot, plan and reconcile-once work on it",
            )),
            Kind::Foreign => Some((
                "the database holds tables of something else",
                "name an empty database",
            )),
        };
        if let Some((problem, hint)) = refused {
            connection.close().await;
            let problem = format!("{}: {problem}", self.target);
            return Err(StoreError::Refused { problem, hint });
        }
        let done = schema::migrate(&mut connection).await;
        connection.close().await;
        done
    }

    /// Opens a session on a database whose schema can be read.
    async fn open(&self, access: Access) -> Result<(Connection, Schema), StoreError> {
        let mut connection = Connection::open(&self.target, access, self.connect_timeout).await?;
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
}

impl Reader {
    /// Reads the facts of a snapshot, all as of one moment.
    pub async fn read_facts(&mut self) -> Result<Facts, StoreError> {
        self.connection.begin_read().await?;
        let facts = snapshot::read_facts(&mut self.connection, &self.schema).await?;
        self.connection.rollback().await?;
        Ok(facts)
    }

    /// Ends the session.
    pub async fn close(self) {
        self.connection.close().await;
    }
}

//! The store module: the only door to both databases.
//!
//! Everything that knows SQL or `sqlx` is in here; what comes out are facts and outcomes in the
//! words of the domain. A [`Reader`] has no method that writes, on a session that would refuse to; a
//! [`Pass`] carries out a plan in one transaction. A connection serves one command and is closed
//! with it: there is no pool, so nothing waits for a connection that its own process holds. A second
//! one helps where there is much to read, and is never needed.

mod declare;
mod jobs;
mod listen;
mod notify;
mod read;
mod session;
mod write;

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use chrono::TimeDelta;

use crate::model::Time;

pub(crate) use declare::Declaring;
pub(crate) use jobs::logs::{LogBatch, LogLevel, LogLine};
pub(crate) use jobs::outcomes::{Agent, BuildOutcome, Completion, Resource};
pub(crate) use jobs::queue::{Job, JobSession, TakeOptions, Turn};
pub(crate) use listen::Subject;
pub(crate) use notify::{CHANGED_CHANNEL, Postings};
pub(crate) use read::claimable::{OwnerFacts, OwnerLookup, PoolLookup, PoolRow};
pub(crate) use read::failures::FailedBuild;
pub(crate) use read::health::{LockHolder, SchemaOwner};
pub(crate) use read::job_timings::{JobTiming, TimedBuild};
pub(crate) use read::pools::KeptPool;
pub(crate) use read::replacements::{Replaced, Replacement, ReplacementCount};
pub(crate) use read::totals::{Creations, Totals};
pub(crate) use read::workspaces::{JobEnd, PastBuild, PresentAgent, StoredLine};
pub use session::dialect::postgres_text;
pub(crate) use session::error::StoreError;
pub(crate) use session::target::Target;
pub(crate) use write::builds::{Expected, LastBuild, Writer};
pub(crate) use write::claims::{Candidate, ClaimSession, PoolCounts, Transfer, Wanted};
pub(crate) use write::cleanup::JobOutcome;
pub(crate) use write::invalidate::Invalidator;
pub(crate) use write::lives::{AgentPlace, Gift, LifeSession, Person};
pub(crate) use write::membership::{Joined, Lacking};
pub(crate) use write::misses::NewMiss;
pub(crate) use write::pass::Pass;
pub(crate) use write::settings::PauseOutcome;
pub(crate) use write::workspaces::NewWorkspace;

use session::connection::{Access, Connection, Use};
use session::migrate;
use session::schema::{self, Kind, Schema};

/// A database, not yet connected to.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    target: Target,
    /// What named it, for errors: a flag or a variable.
    origin: String,
    limits: TimeLimits,
}

/// How long a client waits for a server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeLimits {
    /// Until a connection is open.
    pub connect: Duration,
    /// Until a statement is answered: a network can swallow packets without a word.
    pub answer: Duration,
}

impl Store {
    /// A store at `target`.
    pub(crate) fn new(target: Target, origin: String, limits: TimeLimits) -> Self {
        Self {
            target,
            origin,
            limits,
        }
    }

    /// The same way to another database.
    pub(crate) fn at(&self, target: Target) -> Self {
        Self {
            target,
            ..self.clone()
        }
    }

    /// The same, waiting for no answer longer than `limit`.
    pub(crate) fn answering_within(mut self, limit: Duration) -> Self {
        self.limits.answer = self.limits.answer.min(limit);
        self
    }

    /// Which database it is.
    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    /// Opens a session that can only read.
    pub(crate) async fn open_reader(&self) -> Result<Reader, StoreError> {
        self.open(Access::Read, Use::Once).await
    }

    /// The same, which also finds out whether the server's session is its own.
    pub(crate) async fn open_examiner(&self) -> Result<Reader, StoreError> {
        self.open(Access::Read, Use::Again).await
    }

    /// Creates the schema in an empty database, or brings one of our own up to date. Returns whether
    /// anything was done. A database that Coder manages, or that holds anything else, is refused.
    pub(crate) async fn init(&self) -> Result<bool, StoreError> {
        let mut connection = self.connect(Access::Create, Use::Once).await?;
        if let Err(error) = self.refuse_others(&mut connection).await {
            connection.close().await;
            return Err(error);
        }
        let done = migrate::migrate(&mut connection).await;
        connection.close().await;
        done
    }

    /// Opens a session, in a transaction that reads.
    async fn connect(&self, access: Access, usage: Use) -> Result<Connection, StoreError> {
        Connection::open(&self.target, access, usage, self.limits)
            .await
            .map_err(|error| error.named_by(&self.origin))
    }

    /// Refuses databases that are neither empty nor ours. Returns which of the two it is. Ends the transaction
    /// in which the session was opened.
    async fn refuse_others(&self, connection: &mut Connection) -> Result<Kind, StoreError> {
        let kind = Schema::read(connection).await?.kind();
        connection.rollback().await?;
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
    /// none and `create` allows it, and an empty one gets its schema.
    async fn open_own(&self, create: bool) -> Result<Connection, StoreError> {
        let access = match self.target {
            Target::Sqlite(_) if create => Access::Create,
            _ => Access::Write,
        };
        let mut connection = self.connect(access, Use::Once).await?;
        match (self.refuse_others(&mut connection).await?, &self.target) {
            (Kind::Empty, Target::Sqlite(_)) => {
                migrate::migrate(&mut connection).await?;
            }
            (Kind::Empty, Target::Postgres(_)) => {
                Schema::default().check_readable(&self.target)?;
            }
            _ => schema::check_version(&mut connection).await?,
        }
        Ok(connection)
    }

    /// Opens a session on a database whose schema can be read.
    async fn open(&self, access: Access, usage: Use) -> Result<Reader, StoreError> {
        let mut reader = self.open_reading(access, usage).await?;
        reader.connection.rollback().await?;
        Ok(reader)
    }

    /// The same, still in the transaction in which the schema was looked at.
    async fn open_reading(&self, access: Access, usage: Use) -> Result<Reader, StoreError> {
        let mut connection = self.connect(access, usage).await?;
        let schema = Schema::read(&mut connection).await?;
        schema.check_readable(&self.target)?;
        if schema.kind() == Kind::Own {
            schema::check_version(&mut connection).await?;
        }
        Ok(Reader {
            connection,
            schema,
            target: self.target.clone(),
            limits: self.limits,
        })
    }
}

/// A session, and what can be read in it. [`Store::open_reader`] opens one that refuses to write;
/// those that write are made of one.
pub(crate) struct Reader {
    connection: Connection,
    schema: Schema,
    target: Target,
    limits: TimeLimits,
}

impl Reader {
    /// The present instant by the clock of the server, or of this host for an embedded database.
    pub(crate) fn now(&self) -> Time {
        self.connection.clock().now()
    }

    /// How far the server's clock is ahead of this host's; none for an embedded database.
    pub(crate) fn clock_difference(&self) -> Option<TimeDelta> {
        self.connection.clock().difference()
    }

    /// Lets the server give a statement up about when a scrape of the metrics does.
    fn limit_statements(&mut self) {
        self.connection.limit_statements("10s");
    }

    /// Ends the session. What was not committed is undone.
    pub(crate) async fn close(self) {
        self.connection.close().await;
    }
}

/// Lets sessions that write do what the session can that each is made of.
macro_rules! sessions {
    ($($session:ident { $inner:ident: $type:ty })+) => {$(
        impl Deref for $session {
            type Target = $type;

            fn deref(&self) -> &$type {
                &self.$inner
            }
        }

        impl DerefMut for $session {
            fn deref_mut(&mut self) -> &mut $type {
                &mut self.$inner
            }
        }

        impl $session {
            /// Ends the session. What was not committed is undone.
            pub(crate) async fn close(self) {
                self.$inner.close().await;
            }
        }
    )+};
}

sessions! {
    Writer { reader: Reader }
    Pass { writer: Writer }
    ClaimSession { writer: Writer }
    LifeSession { writer: Writer }
    JobSession { reader: Reader }
    Invalidator { reader: Reader }
}

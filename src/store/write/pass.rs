//! The session of one reconcile pass: lock, snapshot and write transaction on one connection; a second
//! one may help to read the snapshot.
//!
//! PostgreSQL: the lock is advisory lock 7 of Coder's key space, taken at session level *before*
//! the snapshot's transaction begins and held until after the write's commit. Taken inside the
//! repeatable-read transaction it would be a bug: the statement that asks for the lock also fixes
//! the snapshot, so that a pass which waits for the previous holder
//!
//! 1. asks for the lock and fixes its snapshot,
//! 2. gets the lock the moment the holder commits its creates,
//! 3. reads a snapshot without them, and fills the pool a second time.
//!
//! SQLite: `BEGIN IMMEDIATE` is lock, snapshot and write transaction in one.
//!
//! A pass that is dropped without [`Writer::commit`] has changed nothing: the connection goes, and
//! with it lock and transaction.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::facts::Facts;
use crate::store::session::connection::{Connection, yielding};
use crate::store::session::statement::statements;
use crate::store::write::builds::Writer;
use crate::store::{Postings, Store, StoreError, notify};

/// How often a pass that may wait asks for the lock again. Asking is cheap, and a session that
/// sleeps on the server would hold back vacuum.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// How long to wait for SQLite's write lock before taking it for another pass: claims and finished
/// builds hold it for milliseconds.
const SQLITE_GRACE: &str = "PRAGMA busy_timeout = 1000";

/// A session that can carry out a plan.
pub(crate) struct Pass {
    pub(in crate::store) writer: Writer,
}

impl Store {
    /// Opens the session of a pass, on a schema that it can write to.
    pub(crate) async fn open_pass(&self) -> Result<Pass, StoreError> {
        let writer = self.open_writer().await?;
        Ok(Pass { writer })
    }
}

statements! {
    TRY_LOCK: "asking for the reconciliation lock", sql "SELECT pg_try_advisory_lock(7)";
}

impl Pass {
    /// Takes the reconciliation lock, waiting for at most `patience`. Returns false when another
    /// process holds it.
    pub(crate) async fn lock(&mut self, patience: Duration) -> Result<bool, StoreError> {
        let deadline = Instant::now() + patience;
        if let Connection::Sqlite(_) = self.connection {
            self.connection
                .run_raw("preparing to lock", SQLITE_GRACE)
                .await?;
        }
        loop {
            if self.try_lock().await? {
                return Ok(true);
            }
            let now = Instant::now();
            if now >= deadline {
                return Ok(false);
            }
            tokio::time::sleep(LOCK_POLL.min(deadline - now)).await;
        }
    }

    async fn try_lock(&mut self) -> Result<bool, StoreError> {
        if let Connection::Sqlite(_) = self.connection {
            return match self.connection.begin_write().await {
                Ok(()) => Ok(true),
                Err(error) if error.is_busy() => Ok(false),
                Err(error) => Err(error),
            };
        }
        let locked = self.connection.fetch_first(&TRY_LOCK, &[]).await?;
        Ok(locked.unwrap_or(false))
    }

    /// Reads the facts of a snapshot. The lock must be held.
    pub(crate) async fn read_facts(&mut self) -> Result<Facts, StoreError> {
        match self.connection {
            Connection::Postgres(_) => self.writer.read_facts().await,
            // It is the transaction that the lock is.
            Connection::Sqlite(_) => self.read_facts_here().await,
        }
    }

    /// Begins the write transaction. The lock must be held.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        match self.connection {
            Connection::Postgres(_) => self.connection.begin_write().await,
            Connection::Sqlite(_) => Ok(()),
        }
    }

    /// Runs a step of the write transaction that can be undone by itself: what a failed step has
    /// written is undone, and the steps before it stay. It doesn't wait for coderd.
    ///
    /// # Errors
    /// The transaction can't go on; what failed in the step alone is in the inner result.
    pub(crate) async fn try_step<T>(
        &mut self,
        step: impl AsyncFnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<Result<T, StoreError>, StoreError> {
        let begin = match self.connection {
            // Set before: what a step gives up in the middle goes back to its savepoint.
            Connection::Postgres(_) => concat!(yielding!(), "; SAVEPOINT step"),
            Connection::Sqlite(_) => "SAVEPOINT step",
        };
        self.connection
            .run_raw("setting a savepoint", begin)
            .await?;
        let result = step(self).await;
        match &result {
            Ok(_) => {
                self.connection
                    .run_raw("releasing a savepoint", "RELEASE SAVEPOINT step")
                    .await?;
            }
            Err(error) if error.is_connection_lost() => {}
            Err(_) => {
                let sql = "ROLLBACK TO SAVEPOINT step; RELEASE SAVEPOINT step";
                self.connection
                    .run_raw("undoing the writes of a step", sql)
                    .await?;
            }
        }
        match result {
            Err(error) if error.is_connection_lost() => Err(error),
            result => Ok(result),
        }
    }

    /// Runs a step for a whole set and, where that fails, for its halves, until what fails stands
    /// alone: a set of which nothing fails is one step, whatever its size. Returns what came of each
    /// part, in the order of the set.
    ///
    /// # Errors
    /// As for [`Self::try_step`].
    pub(crate) async fn try_set<'s, T, R>(
        &mut self,
        set: &'s [T],
        mut step: impl AsyncFnMut(&mut Self, &'s [T]) -> Result<R, StoreError>,
    ) -> Result<Vec<(&'s [T], Result<R, StoreError>)>, StoreError> {
        let mut parts = Vec::new();
        let mut rest = vec![set];
        while let Some(part) = rest.pop() {
            if part.is_empty() {
                continue;
            }
            let result = self.try_step(async |pass| step(pass, part).await).await?;
            if result.is_err() && part.len() > 1 {
                let (first, second) = part.split_at(part.len() / 2);
                rest.extend([second, first]);
            } else {
                parts.push((part, result));
            }
        }
        Ok(parts)
    }

    /// Wakes provisioners for the jobs of a pass that is committed.
    pub(crate) async fn notify_jobs(&mut self, postings: &Postings) -> Result<(), StoreError> {
        notify::post_jobs(&mut self.connection, postings).await
    }
}

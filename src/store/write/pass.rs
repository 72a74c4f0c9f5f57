//! The session of one reconcile pass: two transactions on one connection, under a lock that both end with.
//!
//! PostgreSQL: the lock is advisory lock 7 of Coder's key space, taken for the transaction, since a lock of
//! the session would stay behind where a proxy hands sessions around. The first transaction takes it, reads
//! one snapshot, which is then planned on, and lets it go. Only where there is something to write a second
//! one takes it again, looks whether the pass was overtaken, writes and commits. So coderd or another pass can come in
//! between, and even the first transaction may see too little: its snapshot is fixed by the very statement
//! that asks for the lock, and can predate the commit of the holder that has just let go. Without the look
//! a pass that
//!
//! 1. reads a snapshot of two members where four are wanted,
//! 2. gets the lock after another pass, with the same snapshot, has created two,
//! 3. creates two itself,
//!
//! would fill the pool twice; deletes would empty it likewise. Everything that a pass writes beyond
//! compare-and-set is a workspace of the prebuilds user or a job that it has queued. Those that the
//! snapshot lacks were written by a transaction that was running or yet to come when the snapshot was taken
//! ([`Pass::is_overtaken`]); one of them, and the pass reads anew. Asked is for rows that are no older than
//! the oldest transaction that was running then, and the pass knows those of them that it has seen:
//! `pg_visible_in_snapshot` alone would be wrong, since it takes the writes behind savepoints of a running
//! transaction for visible.
//!
//! SQLite: `BEGIN IMMEDIATE` is lock, snapshot and write transaction in one.
//!
//! A pass that is dropped without [`Pass::commit`] has changed nothing: the transaction goes, and with it
//! the lock.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::model::PREBUILDS_USER_ID;
use crate::model::facts::Facts;
use crate::store::session::arguments::args;
use crate::store::session::connection::{Connection, Use};
use crate::store::session::statement::{Statement, sql, statements};
use crate::store::write::builds::Writer;
use crate::store::write::settings::Stored;
use crate::store::{Postings, Store, StoreError, notify};

/// How often a pass that may wait asks for the lock again. Asking is cheap, and a session that
/// sleeps on the server would hold back vacuum.
const LOCK_POLL: Duration = Duration::from_millis(100);

/// How long a pass that has planned waits for the lock in any case: others hold it while they read.
const LOCK_GRACE: Duration = Duration::from_secs(1);

/// How often a pass may wait for others in vain, each time for as long as it waits for a lock: for single steps in a row,
/// as where others lock a whole table, and for sets and steps in all.
const MAX_CONTENDED: (usize, usize) = (10, 50);

/// How long a pass may wait between reading and writing before it reads anew: pools may be wanted otherwise.
const FRESH: Duration = Duration::from_secs(2);

/// How long to wait for SQLite's write lock before taking it for another pass: claims and finished
/// builds hold it for milliseconds.
const SQLITE_GRACE: Duration = Duration::from_secs(1);

/// A session that can carry out a plan.
pub(crate) struct Pass {
    pub(in crate::store) writer: Writer,
    /// The oldest transaction that was running when the snapshot was taken; none on SQLite.
    oldest_running: Option<String>,
    /// What stands in site_configs, read with the lock; none on SQLite.
    stored: Option<Stored>,
    /// Whether what was read no longer holds, by what was found out while waiting for the lock to write.
    is_outdated: bool,
    /// How often it has waited for others in vain since the lock was taken to write: see [`MAX_CONTENDED`].
    contended: (usize, usize),
}

impl Store {
    /// Opens the session of a pass, on a schema that it can write to.
    pub(crate) async fn open_pass(&self) -> Result<Pass, StoreError> {
        Ok(Pass {
            writer: self.open_writing(Use::Once).await?,
            oldest_running: None,
            stored: None,
            is_outdated: false,
            contended: (0, 0),
        })
    }
}

statements! {
    /// On PostgreSQL only.
    NEWS: "looking for another pass", "workspace/read_news";
}

/// Asks for the lock, on PostgreSQL only, and reads what stands in site_configs: one round trip less.
static TRY_LOCK: Statement = Statement::both(
    "asking for the reconciliation lock",
    concat!(
        "SELECT pg_try_advisory_xact_lock(7), \
         CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS xid) AS text), stored.* FROM (",
        sql!("settings/read"),
        ") AS stored"
    ),
);

impl Pass {
    /// Takes the reconciliation lock for a transaction that reads, at first the one in which the session was
    /// opened, waiting for at most `patience`. Returns false when another process holds it.
    pub(crate) async fn lock(&mut self, patience: Duration) -> Result<bool, StoreError> {
        self.lock_for(false, patience).await
    }

    /// Ends the transaction that has read, where the lock is not to be kept for the one that writes.
    pub(crate) async fn end_reading(&mut self) -> Result<(), StoreError> {
        match self.connection {
            Connection::Sqlite(_) => Ok(()),
            Connection::Postgres(_) => self.undo().await,
        }
    }

    /// Takes the lock for a transaction that writes and doesn't wait for coderd, waiting for the lock for at
    /// most `patience` or [`LOCK_GRACE`]; the one that reads ends. Returns false when another process holds it. On
    /// SQLite it is still held until something is committed.
    pub(crate) async fn begin(&mut self, patience: Duration) -> Result<bool, StoreError> {
        match self.connection {
            Connection::Sqlite(_) if self.connection.is_in_transaction() => Ok(true),
            _ => self.lock_for(true, patience.max(LOCK_GRACE)).await,
        }
    }

    async fn lock_for(&mut self, writing: bool, patience: Duration) -> Result<bool, StoreError> {
        let begun = Instant::now();
        let deadline = begun + patience;
        let mut has_waited = false;
        loop {
            if self.try_lock(writing).await? {
                // A server that is slow to answer is no reason to begin again.
                self.is_outdated |= writing && has_waited && begun.elapsed() > FRESH;
                return Ok(true);
            }
            has_waited = true;
            let now = Instant::now();
            if now >= deadline {
                return Ok(false);
            }
            tokio::time::sleep(LOCK_POLL.min(deadline - now)).await;
        }
    }

    /// Asks for the lock. Without it the transaction is over.
    async fn try_lock(&mut self, writing: bool) -> Result<bool, StoreError> {
        let is_embedded = matches!(self.connection, Connection::Sqlite(_));
        if writing || is_embedded {
            self.undo().await?;
        }
        let connection = &mut self.writer.connection;
        if is_embedded {
            return match connection.begin_write_within(SQLITE_GRACE).await {
                Ok(()) => Ok(true),
                Err(error) if error.is_busy() => Ok(false),
                Err(error) => Err(error),
            };
        }
        if writing {
            connection.begin_yielding().await?;
        } else if !connection.is_in_transaction() {
            connection.begin_read().await?;
        }
        let locked = connection.fetch_first(&TRY_LOCK, &[]).await?;
        let Some((true, oldest_running, stored)) = locked else {
            connection.rollback().await?;
            return Ok(false);
        };
        if writing {
            // Somebody may have paused meanwhile, and was told that nothing is done any more.
            self.is_outdated = self.stored.as_ref() != Some(&stored);
            self.contended = (0, 0);
        } else {
            self.oldest_running = Some(oldest_running);
            self.stored = Some(stored);
        }
        Ok(true)
    }

    /// Reads the facts of a snapshot. The lock must be held.
    pub(crate) async fn read_facts(&mut self) -> Result<Facts, StoreError> {
        let stored = self.stored.clone();
        self.read_facts_with(None, stored).await
    }

    /// Resumes reconciliation if the time of its pause is over, in a transaction of its own: the lock goes.
    /// Says whether it has.
    pub(crate) async fn end_pause(&mut self) -> Result<bool, StoreError> {
        self.undo().await?;
        self.writer.reader.end_pause().await
    }

    /// Whether there are live prebuilt workspaces, or unfinished jobs that the prebuilds user has queued,
    /// that are not `known` from the snapshot, or settings are others by now. The lock must be held for writing.
    pub(crate) async fn is_overtaken(
        &mut self,
        known: &BTreeSet<Uuid>,
    ) -> Result<bool, StoreError> {
        let Some(oldest_running) = &self.oldest_running else {
            return Ok(false);
        };
        if self.is_outdated {
            return Ok(true);
        }
        let arguments = args![PREBUILDS_USER_ID, oldest_running];
        let connection = &mut self.writer.reader.connection;
        let news: Vec<Uuid> = connection.fetch(&NEWS, arguments).await?;
        Ok(news.iter().any(|id| !known.contains(id)))
    }

    /// Makes permanent what was written, and lets the lock go.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.connection.commit().await
    }

    /// Runs a step of the write transaction that can be undone by itself: what a failed step has
    /// written is undone, and the steps before it stay.
    ///
    /// # Errors
    /// The transaction can't go on; what failed in the step alone is in the inner result.
    pub(crate) async fn try_step<T>(
        &mut self,
        step: impl AsyncFnOnce(&mut Self) -> Result<T, StoreError>,
    ) -> Result<Result<T, StoreError>, StoreError> {
        self.connection
            .run_raw("setting a savepoint", "SAVEPOINT step")
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
    /// part, in the order of the set. Where others keep several steps waiting, as by the lock of a whole table, the
    /// rest isn't tried: each would wait as long, with the reconciliation lock in hands.
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
            if self.has_given_up() {
                parts.push((part, Err(StoreError::given_up())));
                continue;
            }
            let result = self.try_step(async |pass| step(pass, part).await).await?;
            let is_single = part.len() == 1;
            match &result {
                // Single rows are locked, here and there.
                Ok(_) => self.contended.0 = 0,
                Err(error) if error.is_contended() => {
                    self.contended.0 += usize::from(is_single);
                    self.contended.1 += 1;
                    if self.has_given_up() {
                        tracing::warn!(
                            "others keep this pass waiting: the rest is left to the next one"
                        );
                    }
                }
                Err(_) => {}
            }
            if result.is_err() && !is_single {
                let (first, second) = part.split_at(part.len() / 2);
                rest.extend([second, first]);
                continue;
            }
            parts.push((part, result));
        }
        Ok(parts)
    }

    fn has_given_up(&self) -> bool {
        self.contended.0 == MAX_CONTENDED.0 || self.contended.1 == MAX_CONTENDED.1
    }

    /// Wakes provisioners for the jobs of a pass that is committed.
    pub(crate) async fn notify_jobs(&mut self, postings: &Postings) -> Result<(), StoreError> {
        notify::post_jobs(&mut self.connection, postings).await
    }
}

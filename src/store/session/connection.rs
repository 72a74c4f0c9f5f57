//! A session with either database: the one way to run a statement, and transactions.
//!
//! A [`Statement`] is the same request in the words of both databases, and a session runs the one
//! that it speaks, so that every store method has a single body and the two databases can't drift
//! apart. Nothing outside the store sees a `sqlx` type. On PostgreSQL every statement runs in a transaction:
//! one that stands alone gets one of its own.

use std::time::Duration;

use humantime::format_duration;
use sqlx::SqlSafeStr;
use sqlx::postgres::PgConnectOptions;
use tokio::time::sleep;

pub(in crate::store) use crate::store::session::access::{Access, Use};
use crate::store::session::arguments::{Arg, for_postgres, for_sqlite};
use crate::store::session::clock::SessionClock;
use crate::store::session::error::{BEGINNING, COMMITTING};
use crate::store::session::file::FileSession;
use crate::store::session::row::{Columns, FromRow};
use crate::store::session::server::{ServerSession, answer};
use crate::store::session::statement::Statement;
use crate::store::session::write_lock::{self, Wait};
use crate::store::{StoreError, Target, TimeLimits};

/// How long a transaction that writes what coderd writes too waits for it: less than until the server,
/// after a second by default, looks for a deadlock and picks which of two transactions fails. That must
/// never be coderd's.
const YIELDING: &str = "500ms";

/// An open session.
pub(in crate::store) enum Connection {
    /// With a PostgreSQL server.
    Postgres(Box<ServerSession>),
    /// With an SQLite file.
    Sqlite(Box<FileSession>),
}

impl Connection {
    /// Opens a session in a transaction that a snapshot can be read in.
    pub(in crate::store) async fn open(
        target: &Target,
        access: Access,
        usage: Use,
        limits: TimeLimits,
    ) -> Result<Self, StoreError> {
        match target {
            Target::Postgres(options) => {
                let own = usage == Use::Again;
                let session =
                    ServerSession::open(target, options, access, own, None, limits).await?;
                Ok(Self::Postgres(Box::new(session)))
            }
            Target::Sqlite(path) => {
                let opening = FileSession::open(target, path, access);
                let opening = tokio::time::timeout(limits.connect, opening);
                let session = opening.await.map_err(|_| StoreError::Connect {
                    target: target.to_string(),
                    reason: format!("no answer within {}", format_duration(limits.connect)),
                    hint: "another process keeps the file, or the disk is slow",
                    permanent: false,
                })?;
                let mut connection = Self::Sqlite(Box::new(session?));
                connection.begin_read().await?;
                Ok(connection)
            }
        }
    }

    /// Opens one more session with a server, in a transaction that sees a snapshot that another one has
    /// exported.
    pub(in crate::store) async fn open_on(
        target: &Target,
        options: &PgConnectOptions,
        snapshot: &str,
        limits: TimeLimits,
    ) -> Result<Self, StoreError> {
        let exported = Some(snapshot);
        let session =
            ServerSession::open(target, options, Access::Read, false, exported, limits).await?;
        Ok(Self::Postgres(Box::new(session)))
    }

    /// The time that the session goes by.
    pub(in crate::store) fn clock(&self) -> SessionClock {
        match self {
            Self::Postgres(session) => session.clock,
            Self::Sqlite(_) => SessionClock::default(),
        }
    }

    /// Whether a transaction is open.
    pub(in crate::store) fn is_in_transaction(&self) -> bool {
        match self {
            Self::Postgres(session) => session.is_in_transaction,
            Self::Sqlite(session) => session.is_in_transaction,
        }
    }

    /// Lets the server give later statements up after `limit`.
    pub(in crate::store) fn limit_statements(&mut self, limit: &'static str) {
        if let Self::Postgres(session) = self {
            session.limit_statements(limit);
        }
    }

    /// Runs statements that take no arguments and return nothing, in the transaction that is open.
    pub(in crate::store) async fn run_raw(
        &mut self,
        doing: &'static str,
        sql: impl SqlSafeStr,
    ) -> Result<(), StoreError> {
        match self {
            Self::Postgres(session) => session.run(sql).await,
            Self::Sqlite(session) => session.run(sql).await,
        }
        .map_err(|error| self.failed(doing, &error))
    }

    fn failed(&mut self, doing: &'static str, error: &sqlx::Error) -> StoreError {
        match self {
            Self::Postgres(_) => StoreError::query(doing, error),
            Self::Sqlite(session) => {
                let error = StoreError::sqlite(doing, &session.path, error);
                if error.is_connection_lost() {
                    session.lose();
                }
                error
            }
        }
    }

    /// Runs a statement and returns its rows.
    pub(in crate::store) async fn fetch<T: FromRow + Send + Unpin>(
        &mut self,
        statement: &'static Statement,
        arguments: &[Arg<'_>],
    ) -> Result<Vec<T>, StoreError> {
        let alone = self.begin_single(statement).await?;
        let rows = match self {
            Self::Postgres(session) => {
                let query = for_postgres(statement.for_postgres(), arguments)
                    .persistent(session.is_own())
                    .map(|row| T::from_row(&mut Columns::from(&row)));
                let limit = session.answer_within;
                answer(limit, query.fetch_all(&mut session.connection)).await
            }
            Self::Sqlite(session) => {
                for_sqlite(statement.for_sqlite(), arguments)
                    .map(|row| T::from_row(&mut Columns::from(&row)))
                    .fetch_all(&mut session.connection)
                    .await
            }
        };
        let rows = rows.map_err(|error| self.failed(statement.doing, &error));
        let rows = if alone {
            self.end_single(rows).await
        } else {
            rows
        }?;
        rows.into_iter().collect()
    }

    /// Runs a statement and returns its first row; none when there is no row.
    pub(in crate::store) async fn fetch_first<T: FromRow + Send + Unpin>(
        &mut self,
        statement: &'static Statement,
        arguments: &[Arg<'_>],
    ) -> Result<Option<T>, StoreError> {
        let rows = self.fetch(statement, arguments).await?;
        Ok(rows.into_iter().next())
    }

    /// Runs a statement and returns how many rows it changed.
    pub(in crate::store) async fn execute(
        &mut self,
        statement: &'static Statement,
        arguments: &[Arg<'_>],
    ) -> Result<u64, StoreError> {
        let alone = self.begin_single(statement).await?;
        let changed = match self {
            Self::Postgres(session) => {
                let query =
                    for_postgres(statement.for_postgres(), arguments).persistent(session.is_own());
                let limit = session.answer_within;
                let done = answer(limit, query.execute(&mut session.connection)).await;
                done.map(|result| result.rows_affected())
            }
            Self::Sqlite(session) => for_sqlite(statement.for_sqlite(), arguments)
                .execute(&mut session.connection)
                .await
                .map(|result| result.rows_affected()),
        };
        let changed = changed.map_err(|error| self.failed(statement.doing, &error));
        if alone {
            self.end_single(changed).await
        } else {
            changed
        }
    }

    /// Begins a transaction for a statement that stands alone, on a server. SQLite does so by itself, on a
    /// session that is not lost.
    async fn begin_single(&mut self, statement: &Statement) -> Result<bool, StoreError> {
        match self {
            Self::Postgres(session) if !session.is_in_transaction => {
                let begun = session.begin_single().await;
                begun.map_err(|error| StoreError::query(statement.doing, &error))?;
                Ok(true)
            }
            Self::Postgres(_) => Ok(false),
            Self::Sqlite(session) => {
                let usable = session.check();
                usable.map_err(|error| StoreError::query(statement.doing, &error))?;
                Ok(false)
            }
        }
    }

    /// Ends the transaction of a statement that stands alone.
    async fn end_single<T>(&mut self, result: Result<T, StoreError>) -> Result<T, StoreError> {
        match &result {
            Ok(_) => self.commit().await?,
            Err(error) if error.is_connection_lost() => {}
            // The statement's error tells more than that of undoing it.
            Err(_) => drop(self.rollback().await),
        }
        result
    }

    /// Begins the transaction that a snapshot is read in: all of it sees one state.
    pub(in crate::store) async fn begin_read(&mut self) -> Result<(), StoreError> {
        match self {
            Self::Postgres(session) => session.begin_read().await,
            Self::Sqlite(session) => session.begin("BEGIN DEFERRED").await,
        }
        .map_err(|error| self.failed("beginning to read", &error))
    }

    /// Begins a transaction that writes.
    pub(in crate::store) async fn begin_write(&mut self) -> Result<(), StoreError> {
        self.begin_waiting(None, write_lock::PATIENCE).await
    }

    /// Begins a transaction that writes what coderd writes too, without waiting for it.
    pub(in crate::store) async fn begin_yielding(&mut self) -> Result<(), StoreError> {
        self.begin_waiting(Some(YIELDING), write_lock::PATIENCE)
            .await
    }

    /// Begins a transaction that writes, waiting for at most `patience` for the write lock of an SQLite file.
    pub(in crate::store) async fn begin_write_within(
        &mut self,
        patience: Duration,
    ) -> Result<(), StoreError> {
        self.begin_waiting(None, patience).await
    }

    async fn begin_waiting(
        &mut self,
        lock_timeout: Option<&str>,
        patience: Duration,
    ) -> Result<(), StoreError> {
        let wait = Wait::begin(patience);
        loop {
            let begun = match self {
                Self::Postgres(session) => session.begin_write(lock_timeout).await,
                Self::Sqlite(session) => session.begin_write().await,
            };
            match begun.map_err(|error| self.failed(BEGINNING, &error)) {
                Err(error) if error.is_busy() => match wait.pause() {
                    Some(pause) => sleep(pause).await,
                    None => return Err(error),
                },
                begun => return begun,
            }
        }
    }

    /// Makes everything since the beginning of the transaction permanent.
    pub(in crate::store) async fn commit(&mut self) -> Result<(), StoreError> {
        self.end(COMMITTING, "COMMIT").await
    }

    /// Undoes everything since the beginning of the transaction.
    pub(in crate::store) async fn rollback(&mut self) -> Result<(), StoreError> {
        self.end("rolling back", "ROLLBACK").await
    }

    async fn end(&mut self, doing: &'static str, sql: &'static str) -> Result<(), StoreError> {
        match self {
            Self::Postgres(session) => session.end(sql).await,
            Self::Sqlite(session) => session.end(sql).await,
        }
        .map_err(|error| self.failed(doing, &error))
    }

    /// Ends the session politely. What was not committed is rolled back.
    pub(in crate::store) async fn close(self) {
        match self {
            Self::Postgres(session) => session.close().await,
            Self::Sqlite(session) => session.close().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use sqlx::{Connection as _, SqliteConnection};

    use super::*;

    #[tokio::test]
    async fn after_an_error_that_may_have_ended_the_transaction_no_statement_runs() {
        let file = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let session = FileSession::new(file, Path::new("pools.db"));
        let mut connection = Connection::Sqlite(Box::new(session));
        let run = async |connection: &mut Connection, sql: &'static str| {
            connection.run_raw("writing", sql).await
        };
        let create = "CREATE TABLE t (n blob); PRAGMA max_page_count = 10";
        run(&mut connection, create).await.unwrap();
        connection.begin_write().await.unwrap();
        run(&mut connection, "INSERT INTO t VALUES (1)")
            .await
            .unwrap();
        let full = run(&mut connection, "INSERT INTO t VALUES (zeroblob(1000000))").await;
        assert!(full.unwrap_err().is_connection_lost());
        run(&mut connection, "INSERT INTO t VALUES (2)")
            .await
            .unwrap_err();
        connection.commit().await.unwrap_err();
        assert!(!connection.is_in_transaction());
    }
}

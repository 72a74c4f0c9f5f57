//! A session with either database: opening it, its settings, and the one way to run a statement.
//!
//! A [`Statement`] is the same request in the words of both databases, and a session runs the one
//! that it speaks, so that every store method has a single body and the two databases can't drift
//! apart. Nothing outside the store sees a `sqlx` type.

use std::fs::{DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection as _, SqlSafeStr};
use tokio::time::{Instant, timeout_at};

use crate::store::session::arguments::{Arg, for_postgres, for_sqlite};
use crate::store::session::error::COMMITTING;
use crate::store::session::pooler;
use crate::store::session::row::{Columns, FromRow};
use crate::store::session::statement::{Statement, statements};
use crate::store::{StoreError, Target};

/// How long a statement waits for SQLite's write lock. Writers hold it for milliseconds, so that a
/// longer wait means that another process keeps it.
const SQLITE_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Pages that an SQLite session keeps in memory: 16 MiB of them. With what is needed to undo a statement,
/// which is kept in memory too, this halves the time that a worker spends in the kernel.
const SQLITE_CACHE: &str = "-16384";

/// Limits on the server's side, so that no session of this tool is ever stuck or in the way: waiting
/// for a lock, one statement, and a transaction whose client has stopped.
const POSTGRES_LIMITS: &str = "SET lock_timeout = '30s'; SET statement_timeout = '5min'; \
     SET idle_in_transaction_session_timeout = '1min'";

/// Lets the server look, while it works on a statement, whether its client is still there. Otherwise
/// the session of a pass that was killed or gave up would keep the reconciliation lock until its
/// statement is done.
const POSTGRES_WATCH: &str = "SET client_connection_check_interval = '2s'";

/// The first version that knows [`POSTGRES_WATCH`].
const WATCHING_VERSION: u32 = 140_000;

statements! {
    /// What the server, the database, the role or the URL says, whatever this session has set since.
    pub(in crate::store) READ_ONLY_BY_DEFAULT: "asking whether the database is read-only",
        sql "SELECT reset_val = 'on' FROM pg_settings WHERE name = 'default_transaction_read_only'";
}

/// Gives up waiting for a lock before the server, after a second by default, looks for a deadlock and
/// picks which of two transactions fails: that must never be coderd's. And nothing is compiled: many
/// small look-ups are priced so high that it would take longer than they do.
macro_rules! yielding {
    () => {
        "SET LOCAL lock_timeout = '500ms'; SET LOCAL jit = off"
    };
}

pub(in crate::store) use yielding;

/// What a session may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Access {
    /// Reading; the session itself refuses to write.
    Read,
    /// Reading and writing.
    Write,
    /// Writing, and making the SQLite file when there is none.
    Create,
}

/// An open session.
pub(in crate::store) enum Connection {
    /// With a PostgreSQL server.
    Postgres(Box<PgConnection>),
    /// With an SQLite file.
    Sqlite(Box<SqliteFile>),
}

/// A session with an SQLite file, and which one it is.
pub(in crate::store) struct SqliteFile {
    pub connection: SqliteConnection,
    pub path: PathBuf,
}

impl Connection {
    /// Opens a session within `timeout`.
    pub(in crate::store) async fn open(
        target: &Target,
        access: Access,
        timeout: Duration,
    ) -> Result<Self, StoreError> {
        let deadline = Instant::now() + timeout;
        let late = |what: &str, hint: &'static str| StoreError::Connect {
            target: target.to_string(),
            reason: format!("{what} within {}", humantime::format_duration(timeout)),
            hint,
            permanent: false,
        };
        match target {
            Target::Postgres(options) => {
                let options = options.clone().disable_statement_logging();
                let connecting = PgConnection::connect_with(&options);
                let connection = timeout_at(deadline, connecting).await.map_err(|_| {
                    let hint = "check host and port, and that no firewall drops the packets";
                    late("no answer", hint)
                })?;
                let connection = connection.map_err(|error| StoreError::connect(target, &error))?;
                let checking = Self::checked(connection, &options, target, access);
                timeout_at(deadline, checking).await.map_err(|_| {
                    let hint = "the server is slow, or a pool in front of it has no session free; try again, or \
                                raise its limit";
                    late("it was connected to, but answered no statement", hint)
                })?
            }
            Target::Sqlite(path) => {
                let opening = Self::open_file(target, path, access);
                timeout_at(deadline, opening).await.map_err(|_| {
                    let hint = "another process keeps the file, or the disk is slow";
                    late("no answer", hint)
                })?
            }
        }
    }

    async fn open_file(target: &Target, path: &Path, access: Access) -> Result<Self, StoreError> {
        let failed = |error: sqlx::Error| StoreError::connect(target, &error);
        if path.is_dir() {
            return Err(StoreError::Connect {
                target: target.to_string(),
                reason: "it is a folder".to_owned(),
                hint: "name a file in it",
                permanent: true,
            });
        }
        if access == Access::Create {
            create_private_file(path).map_err(|error| failed(error.into()))?;
        } else if !path.exists() {
            return Err(StoreError::Missing {
                path: path.display().to_string(),
            });
        }
        let mut options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(SQLITE_BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("temp_store", "memory")
            .pragma("cache_size", SQLITE_CACHE)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        options = match access {
            Access::Read => options.read_only(true).pragma("query_only", "on"),
            Access::Write => options,
            Access::Create => options.journal_mode(SqliteJournalMode::Wal),
        };
        let connection = SqliteConnection::connect_with(&options)
            .await
            .map_err(failed)?;
        let path = path.to_owned();
        Ok(Self::Sqlite(Box::new(SqliteFile { connection, path })))
    }

    /// Prepares a session that is one's own, unless a proxy or the server's settings are against it.
    async fn checked(
        mut connection: PgConnection,
        options: &PgConnectOptions,
        target: &Target,
        access: Access,
    ) -> Result<Self, StoreError> {
        let shared = pooler::shares_sessions(&mut connection, options).await;
        if shared.map_err(|error| StoreError::connect(target, &error))? {
            return Err(StoreError::pooled(target));
        }
        let mut session = Self::prepared(connection, access).await?;
        if access != Access::Read
            && session.fetch_first(&READ_ONLY_BY_DEFAULT, &[]).await? == Some(true)
        {
            session.close().await;
            return Err(StoreError::read_only(target));
        }
        Ok(session)
    }

    /// Opens one more session that only reads, where the first one was asked already whether clients
    /// have sessions of their own.
    pub(in crate::store) async fn open_another(
        options: &PgConnectOptions,
    ) -> Result<Self, StoreError> {
        let options = options.clone().disable_statement_logging();
        let connection = PgConnection::connect_with(&options)
            .await
            .map_err(|error| StoreError::query("opening another session", &error))?;
        Self::prepared(connection, Access::Read).await
    }

    async fn prepared(connection: PgConnection, access: Access) -> Result<Self, StoreError> {
        let can_watch = connection.server_version_num() >= Some(WATCHING_VERSION);
        let mut connection = Self::Postgres(Box::new(connection));
        let doing = "preparing the session";
        connection.run_raw(doing, POSTGRES_LIMITS).await?;
        if can_watch {
            // Servers on some systems can't look and refuse to; they do without.
            let _refused = connection.run_raw(doing, POSTGRES_WATCH).await;
        }
        if access == Access::Read {
            let read_only = "SET default_transaction_read_only = on";
            connection
                .run_raw("making the session read-only", read_only)
                .await?;
        }
        Ok(connection)
    }

    /// Runs statements that take no arguments and return nothing, such as BEGIN.
    pub(in crate::store) async fn run_raw(
        &mut self,
        doing: &'static str,
        sql: impl SqlSafeStr,
    ) -> Result<(), StoreError> {
        match self {
            Self::Postgres(connection) => sqlx::raw_sql(sql)
                .execute(&mut **connection)
                .await
                .map(|_| ()),
            Self::Sqlite(file) => sqlx::raw_sql(sql)
                .execute(&mut file.connection)
                .await
                .map(|_| ()),
        }
        .map_err(|error| self.failed(doing, &error))
    }

    pub(in crate::store) fn failed(&self, doing: &'static str, error: &sqlx::Error) -> StoreError {
        match self {
            Self::Postgres(_) => StoreError::query(doing, error),
            Self::Sqlite(file) => StoreError::sqlite(doing, &file.path, error),
        }
    }

    /// Runs a statement and returns its rows.
    pub(in crate::store) async fn fetch<T: FromRow + Send + Unpin>(
        &mut self,
        statement: &'static Statement,
        arguments: &[Arg<'_>],
    ) -> Result<Vec<T>, StoreError> {
        let rows = match self {
            Self::Postgres(connection) => {
                for_postgres(statement.for_postgres(), arguments)
                    .map(|row| T::from_row(&mut Columns::from(&row)))
                    .fetch_all(&mut **connection)
                    .await
            }
            Self::Sqlite(file) => {
                for_sqlite(statement.for_sqlite(), arguments)
                    .map(|row| T::from_row(&mut Columns::from(&row)))
                    .fetch_all(&mut file.connection)
                    .await
            }
        };
        rows.map_err(|error| self.failed(statement.doing, &error))?
            .into_iter()
            .collect()
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
        match self {
            Self::Postgres(connection) => for_postgres(statement.for_postgres(), arguments)
                .execute(&mut **connection)
                .await
                .map(|result| result.rows_affected()),
            Self::Sqlite(file) => for_sqlite(statement.for_sqlite(), arguments)
                .execute(&mut file.connection)
                .await
                .map(|result| result.rows_affected()),
        }
        .map_err(|error| self.failed(statement.doing, &error))
    }

    /// Begins the transaction that a snapshot is read in: all of it sees one state.
    pub(in crate::store) async fn begin_read(&mut self) -> Result<(), StoreError> {
        let sql = match self {
            // The snapshot's statements are many small look-ups, which the planner prices so high
            // that it would compile them first, for longer than they take. They sort a row for every
            // live prebuild, some 250 bytes each, which the usual 4 MB would send to the disk.
            Self::Postgres(_) => {
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL jit = off; \
                 SET LOCAL work_mem = '64MB'"
            }
            Self::Sqlite(_) => "BEGIN DEFERRED",
        };
        self.run_raw("beginning to read", sql).await
    }

    /// Begins a transaction that writes.
    pub(in crate::store) async fn begin_write(&mut self) -> Result<(), StoreError> {
        let sql = match self {
            Self::Postgres(_) => "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
            Self::Sqlite(_) => "BEGIN IMMEDIATE",
        };
        self.run_raw("beginning to write", sql).await
    }

    /// Begins a transaction that writes what coderd writes too, without waiting for it.
    pub(in crate::store) async fn begin_yielding(&mut self) -> Result<(), StoreError> {
        let Self::Postgres(_) = self else {
            return self.begin_write().await;
        };
        let sql = concat!(
            "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; ",
            yielding!()
        );
        self.run_raw("beginning to write", sql).await
    }

    /// Makes everything since the beginning of the transaction permanent.
    pub(in crate::store) async fn commit(&mut self) -> Result<(), StoreError> {
        self.run_raw(COMMITTING, "COMMIT").await
    }

    /// Undoes everything since the beginning of the transaction.
    pub(in crate::store) async fn rollback(&mut self) -> Result<(), StoreError> {
        self.run_raw("rolling back", "ROLLBACK").await
    }

    /// Ends the session politely. What was not committed is rolled back.
    pub(in crate::store) async fn close(self) {
        // The work is done by now, and the server only logs a session that ends without goodbye.
        let _closed = match self {
            Self::Postgres(connection) => connection.close().await,
            Self::Sqlite(file) => file.connection.close().await,
        };
    }
}

/// Makes an empty file that only its owner can read and write, and a folder like that, unless they are
/// there already. SQLite gives its side files the same permissions.
fn create_private_file(path: &Path) -> std::io::Result<()> {
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    options.mode(0o600);
    options.open(path).map(|_| ())
}

//! A session with an SQLite file.
//!
//! A file is made on request only, and then for its owner alone.
//!
//! After some errors SQLite undoes the whole transaction by itself: a full disk, one that fails, too little
//! memory. Whatever followed on such a session would be committed statement by statement, half of a claim
//! without the other. So the session is lost then, and refuses everything.
//!
//! A file that is moved, removed or replaced stays what the session works on, and nobody else sees what is written
//! there. So the path is looked at before every statement.

use std::fs::{DirBuilder, OpenOptions, metadata};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Connection as _, SqlSafeStr};

use crate::store::session::access::Access;
use crate::store::{StoreError, Target};

/// How long a statement that stands alone waits for SQLite's write lock, in its own way.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Lets statements that stand alone wait that long again.
const WAIT: &str = "PRAGMA busy_timeout = 5000";
/// Begins a transaction that writes, unless another one holds the write lock.
const BEGIN_AT_ONCE: &str = "PRAGMA busy_timeout = 0; BEGIN IMMEDIATE";

/// Pages that a session keeps in memory: 16 MiB of them. With what is needed to undo a statement,
/// which is kept in memory too, this halves the time that a worker spends in the kernel.
const CACHE: &str = "-16384";

/// A session with a file.
pub(in crate::store) struct FileSession {
    pub(in crate::store) connection: SqliteConnection,
    pub(super) path: PathBuf,
    /// Device and number of the file that was opened.
    identity: Option<(u64, u64)>,
    pub(super) is_in_transaction: bool,
    /// Whether it is of no more use.
    is_lost: bool,
}

impl FileSession {
    pub(super) async fn open(
        target: &Target,
        path: &Path,
        access: Access,
    ) -> Result<Self, StoreError> {
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
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            .pragma("temp_store", "memory")
            .pragma("cache_size", CACHE)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        if access == Access::Read {
            options = options.read_only(true).pragma("query_only", "on");
        }
        let connection = SqliteConnection::connect_with(&options)
            .await
            .map_err(failed)?;
        Ok(Self::new(connection, path))
    }

    /// The session that a connection to the file is.
    pub(in crate::store) fn new(connection: SqliteConnection, path: &Path) -> Self {
        Self {
            connection,
            path: path.to_owned(),
            identity: identity(path),
            is_in_transaction: false,
            is_lost: false,
        }
    }

    /// Whether there is still a session: without one no statement may run.
    pub(super) fn check(&self) -> Result<(), sqlx::Error> {
        if self.is_lost {
            let problem = "an error before this one has ended the transaction";
            return Err(std::io::Error::other(problem).into());
        }
        if identity(&self.path) != self.identity {
            let problem = "the file was moved, removed or replaced after it was opened";
            return Err(std::io::Error::other(problem).into());
        }
        Ok(())
    }

    /// Notes that nothing may run any more. Closing the file undoes what may still be open.
    pub(super) fn lose(&mut self) {
        self.is_in_transaction = false;
        self.is_lost = true;
    }

    /// Begins a transaction.
    pub(super) async fn begin(&mut self, by: &'static str) -> Result<(), sqlx::Error> {
        self.run(by).await?;
        self.is_in_transaction = true;
        Ok(())
    }

    /// Begins a transaction that writes; fails at once where another one holds the write lock.
    pub(super) async fn begin_write(&mut self) -> Result<(), sqlx::Error> {
        let begun = self.begin(BEGIN_AT_ONCE).await;
        self.run(WAIT).await?;
        begun
    }

    /// Ends the transaction by `COMMIT` or `ROLLBACK`. There is none afterwards, whatever comes of it.
    pub(super) async fn end(&mut self, by: &'static str) -> Result<(), sqlx::Error> {
        let ended = self.run(by).await;
        self.is_in_transaction = false;
        // A commit that fails may leave the transaction open, or have undone it.
        if ended.is_err() && self.run("ROLLBACK").await.is_err() {
            self.lose();
        }
        ended
    }

    /// Runs statements that take no arguments and return nothing.
    pub(super) async fn run(&mut self, sql: impl SqlSafeStr) -> Result<(), sqlx::Error> {
        self.check()?;
        let done = sqlx::raw_sql(sql).execute(&mut self.connection).await;
        done.map(|_| ())
    }

    pub(super) async fn close(self) {
        // The work is done by now.
        let _closed = self.connection.close().await;
    }
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    let file = metadata(path).ok()?;
    Some((file.dev(), file.ino()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_commit_that_fails_is_undone_and_the_session_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pools.db");
        create_private_file(&path).unwrap();
        let options = SqliteConnectOptions::new().filename(&path);
        let connect = async || SqliteConnection::connect_with(&options).await.unwrap();
        let mut session = FileSession::new(connect().await, &path);
        session.run("CREATE TABLE t (n integer)").await.unwrap();
        let mut reader = FileSession::new(connect().await, &path);
        reader.begin("BEGIN; SELECT * FROM t").await.unwrap();

        session.begin_write().await.unwrap();
        session.run("INSERT INTO t VALUES (1)").await.unwrap();
        session.run("PRAGMA busy_timeout = 0").await.unwrap();
        // Without a write-ahead log a commit has to wait for readers.
        session.end("COMMIT").await.unwrap_err();
        reader.end("ROLLBACK").await.unwrap();
        session.begin_write().await.unwrap();
        session.run("INSERT INTO t VALUES (2)").await.unwrap();
        session.end("COMMIT").await.unwrap();
        let written: Vec<i64> = sqlx::query_scalar("SELECT n FROM t")
            .fetch_all(&mut reader.connection)
            .await
            .unwrap();
        assert_eq!(written, [2]);
    }
}

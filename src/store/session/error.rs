//! What can go wrong with a database, and what an operator can do about it.
//!
//! No message holds a password: targets are described without their credentials.

use std::path::Path;

use sqlx::error::{BoxDynError, DatabaseError};
use sqlx::postgres::{PgDatabaseError, PgSeverity};
use thiserror::Error;

use crate::store::Target;

#[derive(Debug, Error)]
pub(crate) enum StoreError {
    #[error("the database URL of {origin} {problem}")]
    Url {
        /// The flag or variable that gave it.
        origin: String,
        problem: String,
    },
    #[error("the database {path:?} does not exist")]
    Missing { path: String },
    #[error("cannot connect to {target}: {reason}")]
    Connect {
        /// Which database, without credentials.
        target: String,
        reason: String,
        hint: &'static str,
        /// Whether it is a matter of configuration, so that trying again changes nothing.
        permanent: bool,
    },
    /// The database holds none of the tables that pools need.
    #[error("{target} holds no pools: {found}")]
    NotInitialised { target: String, found: &'static str },
    /// The schema is not one that this version writes to.
    #[error("refused: {problem}")]
    Refused { problem: String, hint: &'static str },
    #[error("{doing} failed: {reason}")]
    Query {
        doing: &'static str,
        reason: String,
        hint: Option<&'static str>,
        /// Whether the connection, or the transaction in it, can't be used any more.
        lost: bool,
        /// Whether the same request can succeed later.
        transient: bool,
    },
    /// An SQLite file that is of no use until somebody repairs it or lets it be written.
    #[error("{failed}: {reason}")]
    Unusable {
        /// What failed, on which file.
        failed: String,
        reason: String,
        hint: &'static str,
    },
    #[error("{doing} failed: the database is locked by another process")]
    Busy { doing: &'static str },
    /// Another transaction was in the way: it keeps a lock for longer than this one waits, or waits for
    /// this one.
    #[error("{doing} failed: {reason}")]
    Contended { doing: &'static str, reason: String },
    #[error("{doing} failed: {reason}")]
    Duplicate { doing: &'static str, reason: String },
    #[error("a row can't be read: column {column}: {problem}")]
    Row { column: String, problem: String },
}

/// What to do about a server that doesn't write.
const STANDBY: &str = "the server is read-only (a standby?); name the primary in the URL";

/// What the beginning of a transaction that writes is called in errors.
pub(in crate::store) const BEGINNING: &str = "beginning to write";
/// What a commit is called in errors.
pub(in crate::store) const COMMITTING: &str = "committing";

impl StoreError {
    pub(in crate::store) fn query(doing: &'static str, error: &sqlx::Error) -> Self {
        if let sqlx::Error::Database(error) = error
            && sqlite_code(error.as_ref()).is_some_and(|code| matches!(code, 5 | 6))
        {
            return Self::Busy { doing };
        }
        if let sqlx::Error::Database(database) = error
            && is_contention(database.as_ref())
        {
            return Self::Contended {
                doing,
                reason: reason(error),
            };
        }
        if let sqlx::Error::Database(database) = error
            && database.is_unique_violation()
        {
            return Self::Duplicate {
                doing,
                reason: reason(error),
            };
        }
        let is_gone = match error {
            sqlx::Error::Database(error) => ends_session(error.as_ref()),
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed | sqlx::Error::Protocol(_) => true,
            _ => false,
        };
        let hint = match error {
            sqlx::Error::Database(error) if is_idle(error.as_ref()) => hint(error.as_ref()),
            // The commit may have succeeded although its answer was lost.
            sqlx::Error::Database(error) if is_standby(doing, error.as_ref()) => Some(STANDBY),
            _ if is_gone && doing == COMMITTING => Some(
                "the connection was lost, and it is not known whether this was committed; check with \
                 prebuildctl snapshot before running it again",
            ),
            sqlx::Error::Database(error) => hint(error.as_ref()),
            sqlx::Error::Io(_) => Some("the connection was lost; run it again"),
            _ => None,
        };
        let lost = is_gone
            || matches!(error, sqlx::Error::Database(error) if ends_transaction(error.as_ref()));
        Self::Query {
            doing,
            reason: reason(error),
            hint,
            lost,
            transient: lost
                || matches!(error, sqlx::Error::Database(error)
                    if passes(error.as_ref()) || is_standby(doing, error.as_ref())),
        }
    }

    /// A statement on an SQLite file.
    pub(in crate::store) fn sqlite(doing: &'static str, path: &Path, error: &sqlx::Error) -> Self {
        match unusable(error) {
            Some(hint) => Self::Unusable {
                failed: format!("{doing} failed in the SQLite database {path:?}"),
                reason: reason(error),
                hint,
            },
            None => Self::query(doing, error),
        }
    }

    /// A statement that wasn't tried, since others like it had to wait in vain.
    pub(in crate::store) fn given_up() -> Self {
        Self::Contended {
            doing: "waiting for others",
            reason: "too many steps have waited in vain for a lock".to_owned(),
        }
    }

    pub(in crate::store) fn row(column: &str, problem: impl Into<BoxDynError>) -> Self {
        Self::Row {
            column: column.to_owned(),
            problem: problem.into().to_string(),
        }
    }

    /// A server, database or role whose transactions are read-only unless they say otherwise.
    pub(in crate::store) fn read_only(target: &Target) -> Self {
        Self::Refused {
            problem: format!(
                "{target} is read-only by default (default_transaction_read_only is on)"
            ),
            hint: "name a database that may be written to, or turn the setting off for the database or the \
                   role; snapshot and plan still work",
        }
    }

    pub(in crate::store) fn connect(target: &Target, error: &sqlx::Error) -> Self {
        if let Some(hint) = unusable(error) {
            return Self::Unusable {
                failed: format!("cannot connect to {target}"),
                reason: reason(error),
                hint,
            };
        }
        let is_tls = is_tls(error);
        let hint = match (error, target) {
            (sqlx::Error::Database(error), _) => hint(error.as_ref()),
            (_, Target::Sqlite(_)) => {
                Some("check the path, and the permissions of the file and its folder")
            }
            _ if is_tls => Some(
                "check that the server's certificate is for the host of the URL and that sslrootcert names the \
                 file of its authority, or choose another sslmode",
            ),
            (sqlx::Error::Io(_), _) => Some("check host and port, and that the server runs"),
            _ => None,
        };
        let reason = reason(error);
        Self::Connect {
            target: target.to_string(),
            reason: if is_tls && !reason.starts_with("TLS") {
                format!("TLS: {reason}")
            } else {
                reason
            },
            hint: hint.unwrap_or("check the database URL, or run prebuildctl doctor"),
            permanent: match error {
                sqlx::Error::Database(error) => is_misconfiguration(error.as_ref()),
                sqlx::Error::Configuration(_) => true,
                _ => is_tls,
            },
        }
    }

    /// The error with the flag or variable that named the database it is about.
    pub(in crate::store) fn named_by(mut self, origin: &str) -> Self {
        if let Self::Connect { target: at, .. } | Self::Unusable { failed: at, .. } = &mut self {
            at.push_str(&format!(" (from {origin})"));
        }
        self
    }

    /// Whether trying again on the same connection makes no sense.
    pub(crate) fn is_connection_lost(&self) -> bool {
        matches!(
            self,
            Self::Query { lost: true, .. } | Self::Connect { .. } | Self::Unusable { .. }
        )
    }

    /// Whether trying again changes nothing until the operator fixes the configuration.
    pub(crate) fn is_permanent(&self) -> bool {
        match self {
            Self::Url { .. }
            | Self::Missing { .. }
            | Self::NotInitialised { .. }
            | Self::Unusable { .. }
            | Self::Refused { .. } => true,
            Self::Connect { permanent, .. } => *permanent,
            Self::Query { .. }
            | Self::Contended { .. }
            | Self::Duplicate { .. }
            | Self::Busy { .. }
            | Self::Row { .. } => false,
        }
    }

    /// Whether a service that has worked before is to end: an SQLite file is gone, damaged or can't be
    /// written.
    pub(crate) fn ends_service(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Unusable { .. })
    }

    /// Whether the same request can succeed later, on a new session, without the operator.
    pub(crate) fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Query {
                transient: true,
                ..
            } | Self::Connect { .. }
                | Self::Busy { .. }
                | Self::Contended { .. }
        )
    }

    /// Whether another process holds SQLite's write lock.
    pub(crate) fn is_busy(&self) -> bool {
        matches!(self, Self::Busy { .. })
    }

    /// Whether another transaction was in the way, so that the same transaction can succeed at once.
    pub(crate) fn is_contended(&self) -> bool {
        matches!(self, Self::Contended { .. })
    }

    /// The error with what to do about it, in one line.
    pub(crate) fn in_one_line(&self) -> String {
        match self.hint() {
            Some(hint) => format!("{self}; {hint}"),
            None => self.to_string(),
        }
    }

    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Url { .. } => {
                Some("give postgres://USER@HOST/DATABASE or sqlite:PATH with --database-url")
            }
            Self::Missing { .. } => Some(
                "run prebuildctl init to create it, or prebuildctl apply FILE to create it with pools",
            ),
            Self::Connect { hint, .. }
            | Self::Refused { hint, .. }
            | Self::Unusable { hint, .. } => Some(hint),
            Self::NotInitialised { .. } => Some(
                "run prebuildctl init on an empty database, or name Coder's own with --database-url",
            ),
            Self::Query { hint, .. } => *hint,
            Self::Duplicate { .. } => Some("another process wrote it first; run the command again"),
            Self::Contended { .. } => Some("another transaction was in the way; run it again"),
            Self::Busy { .. } => Some(
                "it was waited for, for up to ten seconds; run it again when the other process is done",
            ),
            Self::Row { .. } => Some("fix the row; nothing was changed"),
        }
    }
}

/// The cause in a line, without the library's own introductions.
fn reason(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(error) => error.message().to_owned(),
        sqlx::Error::Io(error) => error.to_string(),
        sqlx::Error::Tls(error) => format!("TLS: {error}"),
        other => other.to_string(),
    }
}

/// Whether encryption could not be agreed on. A certificate that isn't accepted comes as invalid data.
fn is_tls(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Tls(_) => true,
        sqlx::Error::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

/// What to do about an error that the database reported: by SQLSTATE on PostgreSQL, by primary
/// result code on SQLite.
fn hint(error: &dyn DatabaseError) -> Option<&'static str> {
    let code = error.code()?;
    if let Some(primary) = sqlite_code(error) {
        return match primary {
            5 | 6 => {
                Some("another process keeps the database locked; run it again when it is done")
            }
            7 => Some("memory ran out; allow the process more and run it again"),
            10 => Some(
                "the disk is full or failed, or a limit on file sizes (ulimit -f) was reached; check space and the system's log",
            ),
            13 => Some(
                "the disk is full, or a limit on file sizes is reached; make room and run it again",
            ),
            _ => None,
        };
    }
    match code.as_ref() {
        "28P01" | "28000" => Some("check user and password in the database URL"),
        "3D000" => Some("create the database first, or check its name in the URL"),
        "42501" => Some("grant the role the rights that docs/coder.md lists"),
        "53300" => Some("the server has no connection left; try again or raise max_connections"),
        "53100" => Some("the server's disk is full; make room and run it again"),
        "57014" => Some("another session is in the way, or the server is slow; run it again"),
        "42P01" | "42703" => {
            Some("the schema is not one that this version knows; run prebuildctl doctor")
        }
        "25P03" => Some(
            "this program did nothing for too long, as when it is stopped; run it again: nothing was changed",
        ),
        "25006" => Some(STANDBY),
        _ if code.starts_with("57P") => Some("the server is shutting down; run it again later"),
        _ => ends_session(error)
            .then_some("the server or a pooler in front of it ended the session; run it again"),
    }
}

/// What to do about an SQLite file that nobody can use as it is; none for any other error.
fn unusable(error: &sqlx::Error) -> Option<&'static str> {
    let sqlx::Error::Database(error) = error else {
        return None;
    };
    match sqlite_code(error.as_ref())? {
        3 | 14 | 23 => Some("check the path, and the permissions of the file and its folder"),
        8 => Some("the file, its folder or its file system is read-only; check its permissions"),
        11 => Some(
            "the file is damaged; see what PRAGMA integrity_check says in sqlite3, and restore the file from a \
             backup",
        ),
        26 => Some("the file is not an SQLite database; check the path"),
        _ => None,
    }
}

/// The primary result code of SQLite; PostgreSQL's codes have five characters.
fn sqlite_code(error: &dyn DatabaseError) -> Option<u32> {
    let code = error.code()?;
    if code.len() == 5 {
        return None;
    }
    code.parse::<u32>().ok().map(|extended| extended & 0xff)
}

/// Out of memory, a failing disk, a full disk: nothing else would succeed, and SQLite may have undone the
/// whole transaction by itself.
fn ends_transaction(error: &dyn DatabaseError) -> bool {
    sqlite_code(error).is_some_and(|code| matches!(code, 7 | 10 | 13))
}

/// Wrong user or password, or no such database.
fn is_misconfiguration(error: &dyn DatabaseError) -> bool {
    error
        .code()
        .is_some_and(|code| matches!(code.as_ref(), "28P01" | "28000" | "3D000"))
}

/// Whether the server doesn't write; it may be a standby that is about to be the primary. One refuses to begin with
/// what means an unsupported feature elsewhere.
fn is_standby(doing: &str, error: &dyn DatabaseError) -> bool {
    error
        .code()
        .is_some_and(|code| code == "25006" || code == "0A000" && doing == BEGINNING)
}

/// Statements that took too long, and full disks and servers: what may be gone at another attempt.
fn passes(error: &dyn DatabaseError) -> bool {
    match sqlite_code(error) {
        Some(primary) => primary == 13,
        None => error.code().is_some_and(|code| {
            ["40", "53", "57014"]
                .iter()
                .any(|class| code.starts_with(class))
        }),
    }
}

/// A serialization failure, a deadlock, or a lock that could not be had in time.
fn is_contention(error: &dyn DatabaseError) -> bool {
    error
        .code()
        .is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01" | "55P03"))
}

/// Whether the server or a pooler in front of it ends the session with this: so says its severity, or its class.
fn ends_session(error: &dyn DatabaseError) -> bool {
    let is_fatal = error
        .try_downcast_ref::<PgDatabaseError>()
        .is_some_and(|it| matches!(it.severity(), PgSeverity::Fatal | PgSeverity::Panic));
    let classes = ["08", "57P"];
    is_fatal
        || is_idle(error)
        || (error.code()).is_some_and(|code| classes.iter().any(|class| code.starts_with(class)))
}

/// Whether the server ended the session because nothing came in the middle of a transaction.
fn is_idle(error: &dyn DatabaseError) -> bool {
    error.code().is_some_and(|code| code == "25P03")
}

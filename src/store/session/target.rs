//! Which database: the URL, read and described.
//!
//! Reads no environment and opens nothing. A password given in the URL leaves this file only towards
//! the server.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;
use url::Url;

use crate::store::StoreError;

/// A database that can be connected to.
#[derive(Clone)]
pub(crate) enum Target {
    /// A PostgreSQL server's database.
    Postgres(Box<PgConnectOptions>),
    /// An embedded database in a file.
    Sqlite(PathBuf),
}

impl FromStr for Target {
    type Err = StoreError;

    /// Takes `postgres://`, `postgresql://` and `sqlite:PATH`.
    fn from_str(text: &str) -> Result<Self, StoreError> {
        let problem = |problem: &str| StoreError::Url {
            problem: problem.to_owned(),
        };
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return match path {
                "" => Err(problem("names no file after sqlite:")),
                ":memory:" => Err(problem(
                    "names a database in memory, which no other process could read",
                )),
                path => Ok(Self::Sqlite(PathBuf::from(path))),
            };
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            return Err(problem(
                "begins with none of postgres://, postgresql:// and sqlite:",
            ));
        }
        let url = Url::parse(text).map_err(|error| problem(&format!("is not valid: {error}")))?;
        let mut options = PgConnectOptions::from_str(text).map_err(|error| match error {
            sqlx::Error::Configuration(error) => problem(&format!("is not valid: {error}")),
            _ => problem("is not valid"),
        })?;
        // A password with an unescaped slash ends the host there, and its rest would pass for the
        // name of a database, which messages show.
        if url.path().contains('@') {
            return Err(problem(
                "has an @ after the host: write special characters of the password as %XX",
            ));
        }
        // Servers with several schemas name theirs in the URL, as Coder's own driver allows.
        if let Some((_, path)) = url.query_pairs().find(|(key, _)| key == "search_path") {
            options = options.options([("search_path", path)]);
        }
        Ok(Self::Postgres(Box::new(
            options
                .application_name("prebuildctl")
                .extra_float_digits(None),
        )))
    }
}

impl fmt::Display for Target {
    /// Where the database is, without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite database {path:?}"),
            Self::Postgres(options) => {
                let database = options.get_database().unwrap_or(options.get_username());
                match options.get_socket() {
                    Some(socket) => write!(f, "PostgreSQL database {database:?} at {socket:?}"),
                    None => write!(
                        f,
                        "PostgreSQL database {database:?} at {}:{}",
                        options.get_host(),
                        options.get_port()
                    ),
                }
            }
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

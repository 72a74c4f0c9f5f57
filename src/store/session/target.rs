//! Which database: the URL, read and described.
//!
//! Connects to nothing; of the environment and of files only what TLS is told there, so that a mistake
//! never turns verification off or shows as a server that is away. A password given in the URL leaves
//! this room only towards the server.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::str::FromStr;

use sqlx::postgres::PgConnectOptions;

use crate::store::StoreError;
use crate::store::session::postgres_url::parameters;

/// A database that can be connected to.
#[derive(Clone)]
pub(crate) enum Target {
    /// A PostgreSQL server's database.
    Postgres(Box<PgConnectOptions>),
    /// An embedded database in a file.
    Sqlite(PathBuf),
}

/// Parameters that name a file with a certificate or key, each with the variable that stands for it.
const TLS_FILES: [(&str, &str); 3] = [
    ("sslrootcert", "PGSSLROOTCERT"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
];

/// Most bytes of a file with certificates or a key: all authorities of a system have a quarter of it.
const MAX_PEM: u64 = 1 << 20;

/// What a certificate or key in text form begins with.
const PEM: &str = "-----BEGIN";

impl Target {
    /// Reads `postgres://`, `postgresql://` or `sqlite:PATH`, which `origin` gave: a flag or a variable.
    ///
    /// # Errors
    /// [`StoreError::Url`].
    pub(crate) fn read(url: &str, origin: &str) -> Result<Self, StoreError> {
        let refuse = |problem: String| StoreError::Url {
            origin: origin.to_owned(),
            problem,
        };
        if url.is_empty() {
            return Err(refuse("is empty".to_owned()));
        }
        if let Some(path) = url.strip_prefix("sqlite:") {
            return sqlite_path(path).map(Self::Sqlite).map_err(refuse);
        }
        let rest = ["postgres://", "postgresql://"]
            .iter()
            .find_map(|scheme| url.strip_prefix(scheme))
            .ok_or_else(|| {
                refuse("begins with none of postgres://, postgresql:// and sqlite:".to_owned())
            })?;
        let parameters = parameters(rest).map_err(refuse)?;
        check_tls(&parameters).map_err(refuse)?;
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        let options =
            PgConnectOptions::from_str(&format!("postgres:///?{query}")).map_err(|error| {
                refuse(match error {
                    sqlx::Error::Configuration(error) => format!("is not valid: {error}"),
                    _ => "is not valid".to_owned(),
                })
            })?;
        Ok(Self::Postgres(Box::new(
            options
                .application_name("prebuildctl")
                .extra_float_digits(None),
        )))
    }

    /// Whether a URL that can be read holds a password.
    pub(crate) fn has_password(url: &str) -> bool {
        let rest = url.split_once("://").map_or("", |(_, rest)| rest);
        parameters(rest).is_ok_and(|it| it.iter().any(|(name, _)| name == "password"))
    }
}

/// The path after `sqlite:`.
fn sqlite_path(text: &str) -> Result<PathBuf, String> {
    // May hold a password, which must not be shown as the name of a file.
    if text.contains("://") {
        return Err("has another address after sqlite:, where a file is to be named".to_owned());
    }
    let path = text.strip_prefix("//").unwrap_or(text);
    let is_url = path.len() < text.len();
    // What looks like a password must not be shown as the name of a file.
    let names_user = |part: &str| part.contains('@') && (is_url || part.contains(':'));
    if path
        .trim_start_matches('/')
        .split('/')
        .next()
        .is_some_and(names_user)
    {
        return Err("names a user, which a file doesn't have".to_owned());
    }
    let problem = match path {
        "" => "names no file after sqlite:",
        ":memory:" => "names a database in memory, which no other process could read",
        path if path.starts_with("file:") => {
            "has file: after sqlite:, which is not understood: write sqlite:PATH"
        }
        path if path.starts_with('~') => {
            "begins with ~, which only a shell replaces: write the whole path"
        }
        path if path.contains('?') => "has parameters, which a file doesn't: write sqlite:PATH",
        path => return Ok(PathBuf::from(path)),
    };
    Err(problem.to_owned())
}

/// Checks what TLS is told by the URL, or by a variable of the environment in its place.
fn check_tls(parameters: &[(String, String)]) -> Result<(), String> {
    let given = |name: &str, variable: &str| {
        let mut values = parameters.iter().filter(|(key, _)| key == name);
        match values.next_back() {
            Some((_, value)) => Some((name.to_owned(), value.clone())),
            None => Some((variable.to_owned(), std::env::var(variable).ok()?)),
        }
    };
    if let Some((name, mode)) = given("sslmode", "PGSSLMODE")
        && sqlx::postgres::PgSslMode::from_str(&mode).is_err()
    {
        return Err(format!(
            "can't be used: {name} is {mode:?}, and none of disable, allow, prefer, require, verify-ca and \
             verify-full"
        ));
    }
    let files = TLS_FILES.map(|(name, variable)| given(name, variable));
    for (name, path) in files.iter().flatten() {
        let text = if path.starts_with(PEM) {
            continue;
        } else {
            read_pem(path).map_err(|error| {
                format!("can't be used: the file of {name}, {path:?}, can't be read: {error}")
            })?
        };
        if !String::from_utf8_lossy(&text).contains(PEM) {
            return Err(format!(
                "can't be used: the file of {name}, {path:?}, holds no certificate or key in PEM form"
            ));
        }
    }
    let [_, certificate, key] = &files;
    match (certificate, key) {
        (Some((name, _)), None) | (None, Some((name, _))) => Err(format!(
            "can't be used: {name} alone is given, and sslcert and sslkey go together"
        )),
        _ => Ok(()),
    }
}

fn read_pem(path: &str) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(path)?.take(MAX_PEM + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_PEM {
        let problem = format!("it holds more than {} MiB", MAX_PEM >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(text)
}

impl fmt::Display for Target {
    /// Where the database is, without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite database {path:?}"),
            Self::Postgres(options) => {
                let database = options.get_database().unwrap_or(options.get_username());
                let (host, port) = (options.get_host(), options.get_port());
                match options.get_socket() {
                    Some(socket) => write!(f, "PostgreSQL database {database:?} at {socket:?}"),
                    None if host.contains(':') => {
                        write!(f, "PostgreSQL database {database:?} at [{host}]:{port}")
                    }
                    None => write!(f, "PostgreSQL database {database:?} at {host}:{port}"),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::testing::parse_mutated;

    #[test]
    fn a_server_is_not_taken_for_a_file() {
        for url in [
            "sqlite:postgres://u:s3cr@h/d",
            "sqlite://postgres://u:s3cr@h/d",
            "sqlite:u:s3cr@h/d",
        ] {
            let refused = Target::read(url, "a test").unwrap_err().to_string();
            assert!(!refused.contains("s3cr"), "{refused}");
        }
    }

    #[test]
    fn urls_that_are_changed_at_random_do_no_harm() {
        let samples: [&[u8]; 5] = [
            b"postgres://u:pa%20ss@[::1]:5432/d?sslmode=require&application_name=x",
            b"postgresql:///d?host=/run/postgresql&port=1&user=u&password=word",
            b"postgres://u:p#/?@h:1,i:2/d?options=-c%20x%3D1&search_path=a",
            b"sqlite:///var/lib/x.db",
            b"sqlite:u:p@h/x.db?mode=ro",
        ];
        parse_mutated(&samples, |input| {
            let read = Target::read(&String::from_utf8_lossy(input), "a test");
            let _described = read.map(|target| target.to_string());
        });
    }
}

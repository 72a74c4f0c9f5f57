//! Plain SQL access to a test's database, alike on SQLite and PostgreSQL.
//!
//! Values come as text, in one form on both: a boolean is 1 or 0, a time is UTC with microseconds
//! (`2026-03-04T12:00:00.000000Z`), bytes are `\x` and hexadecimal digits. It is meant for setting
//! scenes and for looking at results; it must not grow into a second store.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use sqlx::{
    AssertSqlSafe, Column, Connection as _, Executor, PgConnection, Row, SqliteConnection,
    TypeInfo as _, ValueRef as _,
    postgres::{PgListener, PgRow, PgValueRef},
    sqlite::{SqliteConnectOptions, SqliteRow, SqliteValueRef},
};
use tokio::runtime::{Builder, Runtime};

use super::cluster::Cluster;
use super::process::TestDir;

/// A row as text; none stands for null.
pub type TextRow = Vec<Option<String>>;

/// A database that belongs to one test and goes away with this value.
pub struct Database {
    /// What `--database-url` takes.
    pub url: String,
    home: Home,
}

/// Where a database lives.
enum Home {
    Sqlite {
        _dir: TestDir,
    },
    Postgres {
        cluster: &'static Cluster,
        name: String,
    },
    /// A PostgreSQL database that outlives this value.
    Elsewhere,
}

impl Database {
    /// A SQLite database in the folder; nothing is created yet.
    pub fn sqlite(dir: TestDir) -> Self {
        let url = format!("sqlite:{}", dir.join("prebuilds.db").display());
        Self {
            url,
            home: Home::Sqlite { _dir: dir },
        }
    }

    /// A database that exists in the cluster.
    pub fn postgres(cluster: &'static Cluster, name: String) -> Self {
        Self {
            url: cluster.url(&name),
            home: Home::Postgres { cluster, name },
        }
    }

    /// A PostgreSQL database that somebody else sees to.
    pub fn borrowed(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            home: Home::Elsewhere,
        }
    }

    /// Whether this is SQLite and not PostgreSQL.
    pub fn is_sqlite(&self) -> bool {
        matches!(self.home, Home::Sqlite { .. })
    }

    /// The name of a PostgreSQL database.
    pub fn name(&self) -> &str {
        match &self.home {
            Home::Postgres { name, .. } => name,
            Home::Sqlite { .. } | Home::Elsewhere => panic!("a database without a name"),
        }
    }

    /// Which of Coder's migrations was the last; none in a database of our own.
    pub fn migration(&self) -> Option<i64> {
        let is_of_coder = !self.is_sqlite()
            && self
                .value("SELECT to_regclass('schema_migrations')")
                .is_some();
        is_of_coder.then(|| self.count("SELECT version FROM schema_migrations"))
    }

    /// Whether presets have times of invalidation.
    pub fn knows_invalidation(&self) -> bool {
        self.migration().is_none_or(|last| last >= 399)
    }

    /// Sets the clock of a server as far as clients of this database are told. A session that was opened before the
    /// first time takes no notice.
    pub fn shift_clock(&self, by: &str) {
        let name = self.name();
        self.execute(&format!(
            "CREATE SCHEMA IF NOT EXISTS fake;
             CREATE OR REPLACE FUNCTION fake.clock_timestamp() RETURNS timestamptz LANGUAGE sql
                 AS $$ SELECT pg_catalog.clock_timestamp() + interval '{by}' $$;
             ALTER DATABASE \"{name}\" SET search_path = fake, pg_catalog, public"
        ));
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> PathBuf {
        self.url
            .strip_prefix("sqlite:")
            .expect("a SQLite database")
            .into()
    }

    /// Every row of every table, in a fixed order.
    pub fn dump(&self) -> BTreeMap<String, Vec<TextRow>> {
        let mut session = self.session();
        let tables = session.rows(if self.is_sqlite() {
            "SELECT name FROM sqlite_schema WHERE type = 'table'"
        } else {
            "SELECT table_name FROM information_schema.tables
             WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        });
        tables
            .into_iter()
            .map(|mut row| {
                let table = row.remove(0).expect("a name");
                let mut rows = session.rows(&format!(r#"SELECT * FROM "{table}""#));
                rows.sort();
                (table, rows)
            })
            .collect()
    }

    /// The values of the only column.
    pub fn column(&self, sql: &str) -> Vec<String> {
        let value = |mut row: TextRow| row.remove(0).expect("a value");
        self.rows(sql).into_iter().map(value).collect()
    }

    /// The values of the only row, null as the empty text.
    pub fn row(&self, sql: &str) -> Vec<String> {
        let mut rows = self.rows(sql);
        assert_eq!(rows.len(), 1, "one row expected from: {}", start(sql));
        let values = rows.remove(0).into_iter();
        values.map(Option::unwrap_or_default).collect()
    }

    /// What is notified on a channel of PostgreSQL while `body` runs.
    pub fn listen(&self, channel: &str, body: impl FnOnce()) -> Vec<String> {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let mut listener = runtime.block_on(async {
            let mut listener = PgListener::connect(&self.url).await.expect("a listener");
            listener.listen(channel).await.expect("a channel");
            listener
        });
        body();
        // What was notified before this comes before it.
        self.execute(&format!("NOTIFY {channel}, 'end'"));
        // Moved in, because it must be dropped where the runtime is at hand.
        runtime.block_on(async move {
            let mut heard = Vec::new();
            loop {
                let payload = listener.recv().await.expect("a notification");
                if payload.payload() == "end" {
                    return heard;
                }
                heard.push(payload.payload().to_owned());
            }
        })
    }

    /// A connection that stays, for locks, settings and transactions of its own.
    pub fn session(&self) -> Session {
        Session::open(&self.url)
    }

    /// Runs one or more statements; returns the number of rows they touched.
    pub fn execute(&self, sql: &str) -> u64 {
        self.session().execute(sql)
    }

    /// Refuses a change from now on, such as `INSERT ON workspaces`, of rows that a condition holds for.
    pub fn refuse(&self, change: &str, condition: &str, reason: &str) {
        let trigger = format!("CREATE TRIGGER refused BEFORE {change}");
        self.execute(&if self.is_sqlite() {
            format!("{trigger} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{reason}'); END")
        } else {
            format!(
                "CREATE FUNCTION refused() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN RAISE EXCEPTION '{reason}'; END $$;
                 {trigger} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refused()"
            )
        });
    }

    /// The only value of the only row, or none when it is null or there is no row.
    pub fn value(&self, sql: &str) -> Option<String> {
        self.session().value(sql)
    }

    /// All rows.
    pub fn rows(&self, sql: &str) -> Vec<TextRow> {
        self.session().rows(sql)
    }

    /// The number that the query gives.
    pub fn count(&self, sql: &str) -> i64 {
        self.value(sql)
            .expect("a number")
            .parse()
            .expect("a number")
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Home::Postgres { cluster, name } = &self.home {
            // What a failing test leaves behind on a shared server must not fail others as well.
            let _ignored = cluster.try_drop_database(name);
        }
    }
}

/// One connection with the runtime that drives it.
pub struct Session {
    runtime: Runtime,
    connection: Option<Connection>,
}

enum Connection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

impl Session {
    /// Connects; a SQLite file is created when it is missing.
    pub fn open(url: &str) -> Self {
        Self::try_open(url).unwrap_or_else(|error| panic!("connecting to {url}: {error}"))
    }

    /// Connects, or says why not.
    pub fn try_open(url: &str) -> sqlx::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let connection = runtime.block_on(async {
            match url.strip_prefix("sqlite:") {
                Some(path) => {
                    let options = SqliteConnectOptions::new()
                        .filename(path)
                        .create_if_missing(true);
                    SqliteConnection::connect_with(&options)
                        .await
                        .map(Connection::Sqlite)
                }
                None => PgConnection::connect(url).await.map(Connection::Postgres),
            }
        })?;
        Ok(Self {
            runtime,
            connection: Some(connection),
        })
    }

    /// Runs one or more statements; returns the number of rows they touched.
    pub fn execute(&mut self, sql: &str) -> u64 {
        self.try_execute(sql)
            .unwrap_or_else(|error| panic!("{error}\nin: {}", start(sql)))
    }

    /// Runs one or more statements, or says why not.
    pub fn try_execute(&mut self, sql: &str) -> sqlx::Result<u64> {
        let (runtime, connection) = self.parts();
        let statement = sqlx::raw_sql(AssertSqlSafe(sql));
        runtime.block_on(async {
            Ok(match connection {
                Connection::Postgres(connection) => {
                    connection.execute(statement).await?.rows_affected()
                }
                Connection::Sqlite(connection) => {
                    connection.execute(statement).await?.rows_affected()
                }
            })
        })
    }

    /// Runs one statement with the text as its only parameter, for text of any length.
    pub fn execute_with(&mut self, sql: &str, text: &str) -> u64 {
        let (runtime, connection) = self.parts();
        let done = runtime.block_on(async {
            Ok::<_, sqlx::Error>(match connection {
                Connection::Postgres(connection) => {
                    let query = sqlx::query(AssertSqlSafe(sql)).bind(text);
                    query.execute(connection).await?.rows_affected()
                }
                Connection::Sqlite(connection) => {
                    let query = sqlx::query(AssertSqlSafe(sql)).bind(text);
                    query.execute(connection).await?.rows_affected()
                }
            })
        });
        done.unwrap_or_else(|error| panic!("{error}\nin: {}", start(sql)))
    }

    /// The only value of the only row, or none when it is null or there is no row.
    pub fn value(&mut self, sql: &str) -> Option<String> {
        let rows = self.rows(sql);
        assert!(
            rows.len() <= 1,
            "{} rows instead of one from: {}",
            rows.len(),
            start(sql)
        );
        rows.into_iter().next().and_then(|mut row| {
            assert_eq!(row.len(), 1, "one column expected from: {}", start(sql));
            row.remove(0)
        })
    }

    /// All rows.
    pub fn rows(&mut self, sql: &str) -> Vec<TextRow> {
        self.try_rows(sql)
            .unwrap_or_else(|error| panic!("{error}\nin: {}", start(sql)))
    }

    /// All rows, or why there are none to be had.
    pub fn try_rows(&mut self, sql: &str) -> sqlx::Result<Vec<TextRow>> {
        let (runtime, connection) = self.parts();
        let statement = sqlx::raw_sql(AssertSqlSafe(sql));
        runtime.block_on(async {
            match connection {
                Connection::Postgres(connection) => connection
                    .fetch_all(statement)
                    .await?
                    .iter()
                    .map(postgres_row)
                    .collect(),
                Connection::Sqlite(connection) => connection
                    .fetch_all(statement)
                    .await?
                    .iter()
                    .map(sqlite_row)
                    .collect(),
            }
        })
    }

    fn parts(&mut self) -> (&Runtime, &mut Connection) {
        (
            &self.runtime,
            self.connection.as_mut().expect("the session is open"),
        )
    }
}

impl Drop for Session {
    /// Says goodbye, so that the server has let go of the database when this returns.
    fn drop(&mut self) {
        // A server that is gone by now needs no goodbye.
        let _ignored = match self.connection.take() {
            Some(Connection::Postgres(connection)) => self.runtime.block_on(connection.close()),
            Some(Connection::Sqlite(connection)) => self.runtime.block_on(connection.close()),
            None => Ok(()),
        };
    }
}

/// The beginning of a statement, for messages.
fn start(sql: &str) -> String {
    sql.chars().take(400).collect()
}

fn postgres_row(row: &PgRow) -> sqlx::Result<TextRow> {
    row.columns()
        .iter()
        .map(|column| postgres_text(&row.try_get_raw(column.ordinal())?))
        .collect()
}

/// The text that the server sent (statements without parameters get text), made uniform.
fn postgres_text(value: &PgValueRef<'_>) -> sqlx::Result<Option<String>> {
    if value.is_null() {
        return Ok(None);
    }
    let kind = value.type_info().name().to_owned();
    let text = value.as_str().map_err(sqlx::Error::Decode)?;
    Ok(Some(match (kind.as_str(), text) {
        ("BOOL", "t") => "1".to_owned(),
        ("BOOL", _) => "0".to_owned(),
        ("TIMESTAMPTZ", _) => fixed_time(text),
        ("TIMESTAMP", _) => fixed_time(&format!("{text}+00")),
        _ => text.to_owned(),
    }))
}

/// `2026-03-04 12:00:00.5+00`, as a session in UTC gives it, with T, Z and six digits.
fn fixed_time(text: &str) -> String {
    let Some(time) = text.strip_suffix("+00") else {
        return text.to_owned(); // infinity, or a session that asked for another time zone
    };
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, ""));
    format!("{}.{fraction:0<6}Z", seconds.replacen(' ', "T", 1))
}

fn sqlite_row(row: &SqliteRow) -> sqlx::Result<TextRow> {
    row.columns()
        .iter()
        .map(|column| {
            let value: SqliteValueRef<'_> = row.try_get_raw(column.ordinal())?;
            if value.is_null() {
                return Ok(None);
            }
            if value.type_info().name() == "BLOB" {
                let bytes: Vec<u8> = row.try_get_unchecked(column.ordinal())?;
                let mut text = "\\x".to_owned();
                for byte in bytes {
                    write!(text, "{byte:02x}").expect("writing to a string");
                }
                return Ok(Some(text));
            }
            row.try_get_unchecked(column.ordinal()).map(Some)
        })
        .collect()
}

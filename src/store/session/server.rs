//! A session with a PostgreSQL server, perhaps by way of a proxy that pools transactions.
//!
//! Such a proxy (PgBouncer with `pool_mode = transaction`) runs consecutive transactions of a client in
//! different sessions of the server, and hands these from client to client. So nothing here outlives its
//! transaction: limits are set by [`BEGIN`](ServerSession::begin) for the transaction alone, locks are
//! those of transactions, every statement runs in a transaction, and its preparation has no name.
//! A named one would stay behind: another client of the pool that has a statement of the same name
//! would be refused, or worse, run this one.
//!
//! Where a session is long and runs the same statements again and again, names are worth having, and so
//! is LISTEN. Whether the server's session is this client's own shows in a setting that it can only have
//! from this client's start-up message: a proxy refuses, drops or never forwards it.

use std::fmt::Write as _;
use std::time::Duration;

use chrono::DateTime;
use humantime::format_duration;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Row as _, SqlSafeStr};
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use crate::clock;
use crate::store::session::access::Access;
use crate::store::session::clock::SessionClock;
use crate::store::{StoreError, Target, TimeLimits};

/// Limits on the server's side, so that no transaction of this tool is ever stuck or in the way: waiting
/// for a lock, one statement, and a client that has stopped, or that has vanished without a word: the
/// server gives it up within half a minute whether it waits for it, sends to it, or works for it.
///
/// And nothing is compiled: many small look-ups are priced so high that it would take longer than they do.
const LIMITS: &[(&str, &str)] = &[
    ("lock_timeout", "30s"),
    ("idle_in_transaction_session_timeout", "30s"),
    ("tcp_user_timeout", "30s"),
    ("tcp_keepalives_idle", "10s"),
    ("tcp_keepalives_interval", "5s"),
    ("tcp_keepalives_count", "4"),
    ("jit", "off"),
];

/// How long a statement may take.
const STATEMENT_TIMEOUT: &str = "290s";

/// How long a goodbye may take.
const GOODBYE: Duration = Duration::from_secs(1);

/// A snapshot sorts a row for every live prebuilt workspace, some 250 bytes each, which the usual 4 MB
/// would send to the disk.
const READING: (&str, &str) = ("work_mem", "64MB");

/// Lets the server look, while it works on a statement, whether its client is still there. Otherwise
/// the session of a pass that was killed or gave up would keep the reconciliation lock until its
/// statement is done.
const WATCH: (&str, &str) = ("client_connection_check_interval", "2s");

/// The first version that knows [`WATCH`].
const WATCHING_VERSION: u32 = 140_000;

/// A setting that the server's session can only have from the start-up message of this client.
pub(in crate::store) struct Mark(String);

/// The name of the setting.
const MARK: &str = "prebuildctl.session";

/// What a proxy answers to a start-up message with settings that it doesn't know.
const REFUSED_SETTING: [&str; 2] = ["08P01", "0A000"];

/// The server's time. Asked as every transaction begins, in the same message.
const TIME: &str = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)";

/// Whether the server, the database, the role or the URL says that transactions are read-only, and the mark.
/// Asked as a transaction begins, in the same message: a second one could get to another session.
const OPENING: &str = "
    current_setting('default_transaction_read_only') = 'on'
    AND (SELECT reset_val = 'on' FROM pg_settings WHERE name = 'default_transaction_read_only'),
    current_setting('prebuildctl.session', true), ";

/// A session with a server.
pub(in crate::store) struct ServerSession {
    pub(super) connection: PgConnection,
    pub(super) clock: SessionClock,
    /// Whether transactions are read-only unless they say otherwise.
    read_only_by_default: bool,
    /// Whether the server's session is known to be this client's alone.
    is_own: bool,
    pub(super) is_in_transaction: bool,
    access: Access,
    can_watch: bool,
    statement_timeout: &'static str,
    /// How long to wait for an answer.
    pub(super) answer_within: Duration,
}

impl ServerSession {
    /// Opens a session with a transaction that a snapshot is read in, that of `exported` if given, and finds
    /// out whether it is its own if `asks_for_own`.
    pub(super) async fn open(
        target: &Target,
        options: &PgConnectOptions,
        access: Access,
        asks_for_own: bool,
        exported: Option<&str>,
        limits: TimeLimits,
    ) -> Result<Self, StoreError> {
        let deadline = Instant::now() + limits.connect;
        let late = |what: &str, hint: &'static str| StoreError::Connect {
            target: target.to_string(),
            reason: format!("{what} within {}", format_duration(limits.connect)),
            hint,
            permanent: false,
        };
        let failed = |error| StoreError::connect(target, &error);
        let options = options.clone().disable_statement_logging();
        let mark = asks_for_own.then(Mark::new);
        let connecting = connect(&options, mark.as_ref());
        let connection = timeout_at(deadline, connecting).await.map_err(|_| {
            let hint = "check host and port, and that no firewall drops the packets";
            late("no answer", hint)
        })?;
        let connection = connection.map_err(failed)?;
        let introducing = Self::introduce(connection, access, mark.as_ref(), exported, limits);
        let session = timeout_at(deadline, introducing).await.map_err(|_| {
            let hint = "the server is slow, or a pool in front of it has no session free; try again, or \
                        raise its limit";
            late("it was connected to, but answered no statement", hint)
        })?;
        let session = session.map_err(failed)?;
        if access != Access::Read && session.read_only_by_default {
            session.close().await;
            return Err(StoreError::read_only(target));
        }
        Ok(session)
    }

    /// Begins the first transaction, and asks what there is to know about the session.
    async fn introduce(
        connection: PgConnection,
        access: Access,
        mark: Option<&Mark>,
        exported: Option<&str>,
        limits: TimeLimits,
    ) -> Result<Self, sqlx::Error> {
        let mut session = Self {
            clock: SessionClock::default(),
            read_only_by_default: false,
            is_own: false,
            is_in_transaction: false,
            access,
            can_watch: connection.server_version_num() >= Some(WATCHING_VERSION),
            statement_timeout: STATEMENT_TIMEOUT,
            answer_within: limits.answer,
            connection,
        };
        let row = session.begin_reading(exported, OPENING).await?;
        session.read_only_by_default = row.try_get(1)?;
        let found: Option<String> = row.try_get(2)?;
        session.is_own = found.is_some_and(|found| mark.is_some_and(|mark| mark.0 == found));
        Ok(session)
    }

    /// The server's major version.
    pub(super) fn server_version(&self) -> Option<u32> {
        let number = self.connection.server_version_num()?;
        Some(number / 10_000)
    }

    pub(in crate::store) fn is_own(&self) -> bool {
        self.is_own
    }

    pub(in crate::store) fn is_read_only_by_default(&self) -> bool {
        self.read_only_by_default
    }

    /// Lets the server give up later statements after `limit`.
    pub(super) fn limit_statements(&mut self, limit: &'static str) {
        self.statement_timeout = limit;
    }

    /// Begins a transaction for a statement that stands alone.
    pub(super) async fn begin_single(&mut self) -> Result<(), sqlx::Error> {
        let mode = match self.access {
            Access::Read => "READ ONLY",
            Access::Write | Access::Create => "ISOLATION LEVEL READ COMMITTED READ WRITE",
        };
        self.begin(mode, &[]).await
    }

    /// Begins the transaction that a snapshot is read in: all of it sees one state.
    pub(super) async fn begin_read(&mut self) -> Result<(), sqlx::Error> {
        self.begin_reading(None, "").await.map(|_| ())
    }

    /// The same with the state of `exported` if given, a snapshot that another transaction has exported.
    /// Returns a row with the time and what is asked.
    async fn begin_reading(
        &mut self,
        exported: Option<&str>,
        asked: &str,
    ) -> Result<PgRow, sqlx::Error> {
        let mode = "ISOLATION LEVEL REPEATABLE READ READ ONLY";
        match exported {
            None => self.begin_asking(mode, &[READING], asked).await,
            Some(snapshot) => {
                let mode = format!("{mode}; SET TRANSACTION SNAPSHOT '{snapshot}'");
                self.begin_asking(&mode, &[READING], asked).await
            }
        }
    }

    /// Begins a transaction that writes, waiting for locks of others for as long as `lock_timeout` if given.
    pub(super) async fn begin_write(
        &mut self,
        lock_timeout: Option<&str>,
    ) -> Result<(), sqlx::Error> {
        let mode = "ISOLATION LEVEL READ COMMITTED READ WRITE";
        match lock_timeout {
            None => self.begin(mode, &[]).await,
            Some(timeout) => self.begin(mode, &[("lock_timeout", timeout)]).await,
        }
    }

    /// Begins a transaction with limits that end with it, in one message.
    async fn begin(&mut self, mode: &str, settings: &[(&str, &str)]) -> Result<(), sqlx::Error> {
        self.begin_asking(mode, settings, "").await.map(|_| ())
    }

    /// The same. Returns a row with the time and what is asked.
    async fn begin_asking(
        &mut self,
        mode: &str,
        settings: &[(&str, &str)],
        asked: &str,
    ) -> Result<PgRow, sqlx::Error> {
        let asked_at = clock::now();
        let mut result = self.ask(self.beginning(mode, settings, asked)).await;
        // Servers on some systems can't watch their clients and refuse to; they do without.
        if self.can_watch && result.as_ref().is_err_and(is_refused_value) {
            self.can_watch = false;
            self.run("ROLLBACK").await?;
            result = self.ask(self.beginning(mode, settings, asked)).await;
        }
        let row = result?;
        let time = DateTime::from_timestamp_micros(row.try_get(0)?);
        self.clock.answered(time, asked_at);
        self.is_in_transaction = true;
        Ok(row)
    }

    fn beginning(
        &self,
        mode: &str,
        settings: &[(&str, &str)],
        asked: &str,
    ) -> AssertSqlSafe<String> {
        let mut sql = format!(
            "BEGIN {mode}; SELECT {TIME}, {asked}set_config('statement_timeout', '{}', true)",
            self.statement_timeout
        );
        let watch = self.can_watch.then_some(&WATCH);
        for (name, value) in LIMITS.iter().chain(watch).chain(settings) {
            // A text takes what is written to it.
            let _written = write!(sql, ", set_config('{name}', '{value}', true)");
        }
        AssertSqlSafe(sql)
    }

    /// Runs statements that take no arguments and return a row.
    async fn ask(&mut self, sql: impl SqlSafeStr) -> Result<PgRow, sqlx::Error> {
        let statement = sqlx::raw_sql(sql).fetch_all(&mut self.connection);
        let rows = answer(self.answer_within, statement).await?;
        rows.into_iter().next().ok_or(sqlx::Error::RowNotFound)
    }

    /// Runs statements that take no arguments and return nothing.
    pub(super) async fn run(&mut self, sql: impl SqlSafeStr) -> Result<(), sqlx::Error> {
        let statement = sqlx::raw_sql(sql).execute(&mut self.connection);
        answer(self.answer_within, statement).await.map(|_| ())
    }

    /// Ends the transaction by `COMMIT` or `ROLLBACK`. There is none afterwards, whatever comes of it.
    pub(super) async fn end(&mut self, by: &'static str) -> Result<(), sqlx::Error> {
        self.is_in_transaction = false;
        self.run(by).await
    }

    pub(super) async fn close(self) {
        // The work is done by now, and the server only logs a session that ends without goodbye.
        let _closed = answer(GOODBYE, self.connection.close()).await;
    }
}

/// Waits for an answer, for no longer than `limit`: then the connection is as good as lost.
pub(super) async fn answer<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    tokio::time::timeout(limit, work).await.unwrap_or_else(|_| {
        let problem = format!("no answer within {}", format_duration(limit));
        Err(std::io::Error::new(std::io::ErrorKind::TimedOut, problem).into())
    })
}

/// Connects, with the mark if given, and without it where that is refused.
async fn connect(
    options: &PgConnectOptions,
    mark: Option<&Mark>,
) -> Result<PgConnection, sqlx::Error> {
    if let Some(mark) = mark {
        let result = PgConnection::connect_with(&mark.on(options)).await;
        if !result.as_ref().is_err_and(is_refused_setting) {
            return result;
        }
    }
    PgConnection::connect_with(options).await
}

impl Mark {
    pub(in crate::store) fn new() -> Self {
        Self(Uuid::new_v4().to_string())
    }

    /// The options with the mark in the start-up message.
    pub(in crate::store) fn on(&self, options: &PgConnectOptions) -> PgConnectOptions {
        options.clone().options([(MARK, &self.0)])
    }

    /// Whether a session has it.
    pub(in crate::store) async fn is_found<'c>(
        &self,
        session: impl sqlx::PgExecutor<'c>,
    ) -> Result<bool, sqlx::Error> {
        let asking = sqlx::raw_sql("SELECT current_setting('prebuildctl.session', true)");
        let rows = asking.fetch_all(session).await?;
        let found: Option<String> = rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)?;
        Ok(found.as_ref() == Some(&self.0))
    }
}

/// Whether a proxy refuses a start-up message with a mark.
pub(in crate::store) fn is_refused_setting(error: &sqlx::Error) -> bool {
    has_code(error, &REFUSED_SETTING)
}

fn is_refused_value(error: &sqlx::Error) -> bool {
    has_code(error, &["22023"])
}

fn has_code(error: &sqlx::Error, codes: &[&str]) -> bool {
    let error = error.as_database_error();
    let code = error.and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| codes.contains(&code.as_ref()))
}

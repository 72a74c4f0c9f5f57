//! Listening for changes, so that a pass need not wait for its time.
//!
//! PostgreSQL: notifications on a connection of their own. SQLite: the counter that every commit of
//! another connection raises, asked for twice a second. Either may miss something or report too
//! much; a pass reads everything anew, and there is always a next one, so that it only costs time.
//! Never writes.

use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgListener, PgPoolOptions};
use uuid::Uuid;

use crate::store::notify::JOBS_CHANNEL;
use crate::store::session::connection::{Access, Connection};
use crate::store::session::statement::statements;
use crate::store::{CHANGED_CHANNEL, Store, StoreError, Target};

/// Coder reports here what happens to the workspaces of the prebuilds user.
const PREBUILDS_USER: &str = "workspace_owner:c42fdf75-3097-471c-8c33-fb52454d81c0";

/// The kind of those reports that comes when a build begins or ends. The others, statistics and
/// metadata of every agent, are many, and no pool depends on them.
const STATE_CHANGE: &str = "state_change";

/// How often to look at SQLite's counter: it costs a system call or two.
const SQLITE_POLL: Duration = Duration::from_millis(500);

/// After this long without a notification the server is asked whether it is still there: a connection
/// that a firewall has dropped stays silent for ever.
const SILENCE: Duration = Duration::from_secs(60);

const ARE_YOU_THERE: &str = "SELECT 1";

/// What to listen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Whatever a pass may have something to do after.
    Pools,
    /// Jobs that were queued.
    Jobs,
}

impl Subject {
    fn channels(self) -> &'static [&'static str] {
        match self {
            Self::Pools => &[JOBS_CHANNEL, PREBUILDS_USER, CHANGED_CHANNEL],
            Self::Jobs => &[JOBS_CHANNEL],
        }
    }
}

pub(crate) struct Changes {
    source: Source,
    /// How long the server may take to answer.
    patience: Duration,
}

enum Source {
    Postgres(Box<PgListener>),
    Sqlite {
        connection: Connection,
        version: i64,
    },
}

statements! {
    TEMPLATES_WITH_POOLS: "reading the templates with pools", "template/read_with_pools";
    DATA_VERSION: "looking for changes", sql "PRAGMA data_version";
}

impl Store {
    pub(crate) async fn listen(&self, subject: Subject) -> Result<Changes, StoreError> {
        let source = match &self.target {
            Target::Sqlite(_) => {
                let mut connection = self.connect(Access::Read).await?;
                let version = data_version(&mut connection).await?;
                Source::Sqlite {
                    connection,
                    version,
                }
            }
            Target::Postgres(options) => {
                let failed = |error: sqlx::Error| {
                    StoreError::connect(&self.target, &error).named_by(&self.origin)
                };
                let options = options.as_ref().clone().disable_statement_logging();
                let pool = PgPoolOptions::new()
                    .max_connections(1)
                    .acquire_timeout(self.connect_timeout)
                    .max_lifetime(None)
                    .idle_timeout(None)
                    .connect_lazy_with(options);
                let mut listener = PgListener::connect_with(&pool).await.map_err(failed)?;
                // The caller decides when to try again.
                listener.eager_reconnect(false);
                let promotions = match subject {
                    Subject::Pools => self.promotions().await?,
                    Subject::Jobs => Vec::new(),
                };
                let channels = subject.channels().iter().copied();
                let channels = channels.chain(promotions.iter().map(String::as_str));
                listener.listen_all(channels).await.map_err(failed)?;
                Source::Postgres(Box::new(listener))
            }
        };
        Ok(Changes {
            source,
            patience: self.connect_timeout,
        })
    }
}

impl Store {
    /// The channels on which coderd reports that a template got another active version: those of the
    /// templates that have pools now. One that gets its first pool later is heard from the next time that
    /// the loop begins to listen; its passes see it anyway.
    async fn promotions(&self) -> Result<Vec<String>, StoreError> {
        let mut connection = self.connect(Access::Read).await?;
        let templates = connection.fetch(&TEMPLATES_WITH_POOLS, &[]).await;
        connection.close().await;
        let templates: Vec<Uuid> = templates?;
        Ok(templates
            .iter()
            .map(|id| format!("template:{id}"))
            .collect())
    }
}

impl Changes {
    /// Waits until something has changed. After an error, [`Store::listen`] has to be called again.
    pub(crate) async fn next(&mut self) -> Result<(), StoreError> {
        match &mut self.source {
            Source::Sqlite {
                connection,
                version,
            } => loop {
                tokio::time::sleep(SQLITE_POLL).await;
                let present = data_version(connection).await?;
                if present != *version {
                    *version = present;
                    return Ok(());
                }
            },
            Source::Postgres(listener) => loop {
                let notification = match tokio::time::timeout(SILENCE, listener.try_recv()).await {
                    Err(_silent) => {
                        ask(listener, self.patience).await?;
                        continue;
                    }
                    Ok(notification) => notification.map_err(|error| lost(&error))?,
                };
                let Some(notification) = notification else {
                    return Err(lost(&sqlx::Error::Io(
                        std::io::ErrorKind::ConnectionAborted.into(),
                    )));
                };
                if matters(notification.channel(), notification.payload()) {
                    return Ok(());
                }
            },
        }
    }
}

/// Whether a pass may have something to do after this notification.
fn matters(channel: &str, payload: &str) -> bool {
    if channel != PREBUILDS_USER {
        return true;
    }
    let event: Option<serde_json::Value> = serde_json::from_str(payload).ok();
    event.is_none_or(|event| event["kind"] == STATE_CHANGE)
}

/// Makes sure that the server is still there. Notifications that arrive meanwhile are kept.
async fn ask(listener: &mut PgListener, patience: Duration) -> Result<(), StoreError> {
    let answer = sqlx::query(ARE_YOU_THERE).execute(listener);
    match tokio::time::timeout(patience, answer).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(lost(&error)),
        Err(_) => Err(lost(&sqlx::Error::Io(std::io::ErrorKind::TimedOut.into()))),
    }
}

fn lost(error: &sqlx::Error) -> StoreError {
    StoreError::query("listening for changes", error)
}

async fn data_version(connection: &mut Connection) -> Result<i64, StoreError> {
    let version = connection.fetch_first(&DATA_VERSION, &[]).await?;
    Ok(version.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{JOBS_CHANNEL, PREBUILDS_USER, matters};
    use crate::model::PREBUILDS_USER_ID;
    use crate::store::CHANGED_CHANNEL;

    #[test]
    fn chatter_of_agents_is_no_change() {
        assert!(matters(JOBS_CHANNEL, ""));
        assert!(matters(CHANGED_CHANNEL, ""));
        assert!(matters(PREBUILDS_USER, "not JSON"));
        assert!(matters(PREBUILDS_USER, r#"{"kind":"state_change"}"#));
        assert!(!matters(PREBUILDS_USER, r#"{"kind":"stats_update"}"#));
    }

    #[test]
    fn names_of_channels_are_right() {
        assert_eq!(
            PREBUILDS_USER,
            format!("workspace_owner:{PREBUILDS_USER_ID}")
        );
    }
}

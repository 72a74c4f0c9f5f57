//! Listening for changes, so that a pass need not wait for its time.
//!
//! PostgreSQL: notifications on a connection of their own, where the server's session is that client's
//! alone: behind a proxy that pools transactions LISTEN would stay behind in a session of others. SQLite: the counter that every commit of
//! another connection raises, asked for twice a second. Either may miss something or report too
//! much; a pass reads everything anew, and there is always a next one, so that it only costs time.
//! Never writes.

use std::collections::BTreeSet;
use std::time::Duration;

use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use tokio::time::{Instant, timeout, timeout_at};
use uuid::Uuid;

use crate::store::notify::JOBS_CHANNEL;
use crate::store::session::connection::{Access, Connection, Use};
use crate::store::session::server::{Mark, is_refused_setting};
use crate::store::session::statement::statements;
use crate::store::{CHANGED_CHANNEL, Store, StoreError, Target};

/// Coder reports here what happens to the workspaces of the prebuilds user.
const PREBUILDS_USER: &str = "workspace_owner:c42fdf75-3097-471c-8c33-fb52454d81c0";

/// The kind of those reports that comes when a build begins or ends. The others, statistics and
/// metadata of every agent, are many, and no pool depends on them.
const STATE_CHANGE: &str = "state_change";

/// How often to look at SQLite's counter: it costs a system call or two.
const SQLITE_POLL: Duration = Duration::from_millis(500);

/// How often the server is asked for templates that have come into being, and so whether it is still there:
/// a connection that a firewall has dropped stays silent for ever.
const LOOK_INTERVAL: Duration = Duration::from_secs(10);

/// What to listen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The log of a job, which Coder's provisioners report; on databases of our own nobody does.
    Log(Uuid),
    /// Whatever a pass may have something to do after.
    Pools,
    /// Jobs that were queued.
    Jobs,
}

impl Subject {
    fn channels(self) -> Vec<String> {
        let fixed = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        match self {
            Self::Log(job) => vec![format!("provisioner-log-logs:{job}")],
            Self::Pools => fixed(&[JOBS_CHANNEL, PREBUILDS_USER, CHANGED_CHANNEL]),
            Self::Jobs => fixed(&[JOBS_CHANNEL]),
        }
    }
}

pub(crate) struct Changes {
    source: Source,
    /// How long the server may take to answer.
    patience: Duration,
}

enum Source {
    Postgres(Box<Listening>),
    Sqlite {
        connection: Connection,
        version: i64,
    },
}

struct Listening {
    listener: PgListener,
    subject: Subject,
    /// What is listened to.
    channels: BTreeSet<String>,
    next_look: Instant,
}

statements! {
    /// Of which the loop hears promotions.
    TEMPLATES_WITH_POOLS: "reading the templates with pools", "template/read_with_pools";
    DATA_VERSION: "looking for changes", sql "PRAGMA data_version";
}

impl Store {
    /// Begins to listen; none where the server's session isn't this client's own.
    pub(crate) async fn listen(&self, subject: Subject) -> Result<Option<Changes>, StoreError> {
        let source = match &self.target {
            Target::Sqlite(_) => {
                let mut connection = self.connect(Access::Read, Use::Once).await?;
                connection.rollback().await?;
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
                let listener = self.open_listener(options).await.map_err(failed)?;
                let Some(listener) = listener else {
                    return Ok(None);
                };
                let mut listening = Listening {
                    listener,
                    subject,
                    channels: BTreeSet::new(),
                    next_look: Instant::now(),
                };
                listening.look(self.limits.connect).await?;
                Source::Postgres(Box::new(listening))
            }
        };
        Ok(Some(Changes {
            source,
            patience: self.limits.connect,
        }))
    }

    /// Opens a session that can listen, if it is this client's own.
    async fn open_listener(
        &self,
        options: &PgConnectOptions,
    ) -> Result<Option<PgListener>, sqlx::Error> {
        let mark = Mark::new();
        let options = mark.on(options).disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(self.limits.connect)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(options);
        let mut listener = match PgListener::connect_with(&pool).await {
            Err(error) if is_refused_setting(&error) => return Ok(None),
            listener => listener?,
        };
        // The caller decides when to try again.
        listener.eager_reconnect(false);
        let is_own = mark.is_found(&mut listener).await?;
        Ok(is_own.then_some(listener))
    }
}

impl Listening {
    /// Waits for a notification after which a pass may have something to do.
    async fn next(&mut self, patience: Duration) -> Result<(), StoreError> {
        loop {
            let received = timeout_at(self.next_look, self.listener.try_recv()).await;
            let Ok(notification) = received else {
                self.look(patience).await?;
                continue;
            };
            let Some(notification) = notification.map_err(|error| lost(&error))? else {
                return Err(lost(&sqlx::Error::Io(
                    std::io::ErrorKind::ConnectionAborted.into(),
                )));
            };
            if matters(notification.channel(), notification.payload()) {
                return Ok(());
            }
        }
    }

    /// Listens to what belongs to the subject by now: for pools also to promotions of the templates that have
    /// some, on the channels on which coderd reports that a template got another active version. Makes sure that the server is still there;
    /// notifications that arrive meanwhile are kept.
    async fn look(&mut self, patience: Duration) -> Result<(), StoreError> {
        let look = async {
            let statement = TEMPLATES_WITH_POOLS.for_postgres();
            let templates = sqlx::query_scalar::<_, Uuid>(statement);
            let templates = templates.fetch_all(&mut self.listener).await?;
            let templates = templates.iter().map(|id| format!("template:{id}"));
            let templates = templates.filter(|_| self.subject == Subject::Pools);
            let fixed = self.subject.channels();
            let mut new: BTreeSet<String> = fixed.into_iter().chain(templates).collect();
            new.retain(|channel| !self.channels.contains(channel));
            if !new.is_empty() {
                let channels = new.iter().map(String::as_str);
                self.listener.listen_all(channels).await?;
                self.channels.extend(new);
            }
            Ok(())
        };
        let looked = timeout(patience, look).await;
        self.next_look = Instant::now() + LOOK_INTERVAL;
        looked
            .unwrap_or_else(|_| Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())))
            .map_err(|error| lost(&error))
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
            Source::Postgres(listening) => listening.next(self.patience).await,
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

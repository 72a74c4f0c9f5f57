//! What every command works with: the global flags, the printer and the database.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use super::args::{GlobalArgs, LockArgs};
use super::output::Output;
use crate::error::Failure;
use crate::store::{Pass, Store, Target, TimeLimits};

/// Variables that name the database, the first one that is set.
const VARIABLES: [&str; 3] = [
    "PREBUILDCTL_DATABASE_URL",
    "CODER_PG_CONNECTION_URL",
    "DATABASE_URL",
];

/// How long a command waits for an answer of the database: a little longer than the server works for one.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(300);

/// What every command works with.
pub(crate) struct Context {
    pub(crate) global: GlobalArgs,
    pub(crate) output: Output,
}

impl Context {
    /// The database of `--database-url`, of the environment, or the embedded default.
    pub(crate) fn store(&self) -> Result<Store> {
        let flag = self.global.database_url.clone();
        let named = flag.map(|url| ("--database-url", url)).or_else(|| {
            let variable =
                |name| Some((name, std::env::var_os(name)?.to_string_lossy().into_owned()));
            VARIABLES.into_iter().find_map(variable)
        });
        let (target, origin) = match named {
            Some((origin, url)) => (Target::read(&url, origin)?, origin),
            None => (Target::Sqlite(default_database()?), "the default"),
        };
        // A service logs at this level without -v.
        if self.global.verbose > 0 {
            tracing::info!("working on {target}, from {origin}");
        }
        let limits = TimeLimits {
            connect: self.global.connect_timeout,
            answer: self.global.timeout.unwrap_or(ANSWER_TIMEOUT),
        };
        Ok(Store::new(target, origin.to_owned(), limits))
    }

    /// Opens a pass and takes the lock. None: another process holds it, which is reported.
    pub(crate) async fn open_locked(&self, store: &Store, lock: LockArgs) -> Result<Option<Pass>> {
        let mut pass = store.open_pass().await?;
        if pass.lock(lock.wait_lock).await? {
            return Ok(Some(pass));
        }
        pass.close().await;
        let waited = humantime::format_duration(lock.wait_lock);
        self.output.error(&format!(
            "another process has held the lock for {waited}; nothing was done. Raise --wait-lock, \
             or find the holder with prebuildctl doctor"
        ));
        Ok(None)
    }
}

/// The embedded database of this user.
fn default_database() -> Result<PathBuf> {
    let folder = dirs::data_dir().ok_or_else(|| {
        Failure::usage("the user has no data folder; name a database with --database-url")
    })?;
    Ok(folder.join("prebuildctl").join("prebuilds.db"))
}

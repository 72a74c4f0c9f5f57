//! What every command works with: the global flags, the printer and the database.

use std::cell::OnceCell;
use std::time::Duration;

use anyhow::Result;

use super::args::{GlobalArgs, LockArgs};
use super::database::{Database, database};
use super::output::Output;
use crate::store::{Pass, Store, Target, TimeLimits};

/// How long a command waits for an answer of the database: a little longer than the server works for one.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(300);

/// What every command works with.
pub(crate) struct Context {
    pub(crate) global: GlobalArgs,
    pub(crate) output: Output,
    database: OnceCell<(Target, String)>,
}

impl Context {
    pub(crate) fn new(global: GlobalArgs, output: Output) -> Self {
        Self {
            global,
            output,
            database: OnceCell::new(),
        }
    }

    /// The same with another printer.
    pub(crate) fn printing_to(&self, output: Output) -> Self {
        Self {
            global: self.global.clone(),
            output,
            database: self.database.clone(),
        }
    }

    /// The database of the flags, the environment or the configuration file, or the embedded default.
    pub(crate) fn store(&self) -> Result<Store> {
        let (target, origin) = self.database()?.clone();
        let limits = TimeLimits {
            connect: self.global.connect_timeout,
            answer: self.global.timeout.unwrap_or(ANSWER_TIMEOUT),
        };
        Ok(Store::new(target, origin, limits))
    }

    /// The database and what gave it; what is to be said about it is said once.
    pub(crate) fn database(&self) -> Result<&(Target, String)> {
        if let Some(found) = self.database.get() {
            return Ok(found);
        }
        let Database {
            target,
            origin,
            warnings,
        } = database(&self.global)?;
        for warning in warnings {
            self.output.warning(&warning);
        }
        // A service logs at this level without -v.
        if self.global.verbose > 0 {
            tracing::info!("working on {target}, from {origin}");
        }
        Ok(self.database.get_or_init(|| (target, origin)))
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

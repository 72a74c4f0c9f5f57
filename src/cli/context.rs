//! What a command works with: the flags of every command, the printer and the database.

use std::path::PathBuf;

use anyhow::Result;

use super::args::{GlobalArgs, LockArgs};
use super::output::Output;
use crate::error::Failure;
use crate::store::{Pass, Store, Target};

/// What commands work with.
pub(crate) struct Context {
    /// What was asked for, whatever the command.
    pub(crate) global: GlobalArgs,
    /// The one object that prints.
    pub output: Output,
}

impl Context {
    /// The database that was named, or the embedded default.
    pub(crate) fn store(&self) -> Result<Store> {
        let given = self.global.database_url.clone();
        let named = given.filter(|url| !url.is_empty()).or_else(|| {
            [
                "PREBUILDCTL_DATABASE_URL",
                "CODER_PG_CONNECTION_URL",
                "DATABASE_URL",
            ]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        });
        let target = match named {
            Some(url) => url.parse()?,
            None => Target::Sqlite(default_database()?),
        };
        Ok(Store::new(target, self.global.connect_timeout))
    }

    /// Opens a pass and takes the lock; none: another process keeps it.
    pub(crate) async fn open_locked(&self, store: &Store, lock: LockArgs) -> Result<Option<Pass>> {
        let mut pass = store.open_pass().await?;
        if pass.lock(lock.wait_lock).await? {
            return Ok(Some(pass));
        }
        pass.close().await;
        let waited = humantime::format_duration(lock.wait_lock);
        self.output.error(&format!(
            "another process has held the lock for {waited}: nothing was done. Raise --wait-lock, \
             or see with prebuildctl doctor who holds it"
        ));
        Ok(None)
    }
}

/// The embedded database of this user.
fn default_database() -> Result<PathBuf> {
    let folder = dirs::data_dir().ok_or_else(|| {
        Failure::usage("this user has no data folder; name a database with --database-url")
    })?;
    Ok(folder.join("prebuildctl").join("prebuilds.db"))
}

//! A second session that sees the very state that a first one sees.
//!
//! PostgreSQL carries out the statements of a session one after the other, on one core. Reading the
//! facts of many prebuilt workspaces is mostly index look-ups, which a second session does on another
//! core: with 50,000 prebuilt workspaces and a million builds, a snapshot takes a quarter less time
//! (1.8 s instead of 2.4 s on two busy cores, the least of nine runs each). The first session exports
//! the snapshot of its transaction and the second takes it over, so that what they read fits together.
//!
//! Where there is too little to read, or no second session to be had, the first one reads everything.

use std::time::Duration;

use crate::model::PREBUILDS_USER_ID;
use crate::store::session::arguments::args;
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;
use crate::store::{StoreError, Target, TimeLimits};

/// How long a second session may take to open: no longer than it could save.
const PATIENCE: Duration = Duration::from_secs(1);

statements! {
    /// With fewer, opening another session takes longer than it saves. Stops counting there.
    IS_LARGE: "looking whether prebuilt workspaces are many", "prebuild/are_many";
    EXPORT: "exporting the snapshot of the transaction", sql "SELECT pg_export_snapshot()";
}

/// Opens a session whose transaction sees what that of `connection` sees, which must have read nothing
/// yet: where it can't be shared, it is begun anew.
///
/// # Errors
/// `connection` can't be used any more. A second session that can't be opened is not an error.
pub(in crate::store) async fn open(
    connection: &mut Connection,
    target: &Target,
    limits: TimeLimits,
) -> Result<Option<Connection>, StoreError> {
    let Target::Postgres(options) = target else {
        return Ok(None);
    };
    let arguments = args![PREBUILDS_USER_ID];
    if connection.fetch_first(&IS_LARGE, arguments).await? != Some(true) {
        return Ok(None);
    }
    let exported: Option<String> = match connection.fetch_first(&EXPORT, &[]).await {
        Ok(exported) => exported,
        Err(error) => {
            tracing::debug!(%error, "reading in one session");
            // The error has ended the transaction.
            connection.rollback().await?;
            connection.begin_read().await?;
            return Ok(None);
        }
    };
    let Some(snapshot) = exported else {
        return Ok(None);
    };
    let limits = TimeLimits {
        connect: PATIENCE,
        ..limits
    };
    match Connection::open_on(target, options, &snapshot, limits).await {
        Ok(other) => Ok(Some(other)),
        Err(error) => {
            tracing::debug!(%error, "reading in one session");
            Ok(None)
        }
    }
}

//! Recognising a proxy that pools transactions.
//!
//! Behind such a proxy consecutive transactions of one client run in different sessions of the
//! server, and sessions go from client to client. The reconciliation lock taken there stays behind
//! in a session that no client owns and shuts out coderd's loop and every later pass; and the settings
//! of a session of this tool, read-only and its time limits, would apply to the client that gets the
//! session next. So every session is checked before anything else, in a form that leaves nothing
//! behind: plain queries, no prepared ones and no settings.

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Row as _};

/// Whether a second client would get the session of `connection`, or either client another one than
/// before: two clients that are connected at the same time have a session each and keep it, unless
/// something hands sessions around between them. Each is asked twice, the second one at once and the
/// first one at the end: asked in turn, two sessions handed out in turn would look like their own.
pub(in crate::store) async fn shares_sessions(
    connection: &mut PgConnection,
    options: &PgConnectOptions,
) -> Result<bool, sqlx::Error> {
    // Without a second connection there is nothing to compare.
    let Ok(mut other) = PgConnection::connect_with(options).await else {
        return Ok(false);
    };
    let shared = changes_hands(connection, &mut other).await;
    // A failure to say goodbye is only logged by the server.
    let _closed = other.close().await;
    shared
}

async fn changes_hands(
    connection: &mut PgConnection,
    other: &mut PgConnection,
) -> Result<bool, sqlx::Error> {
    let own = backend(connection).await?;
    let others = backend(other).await?;
    let others_again = backend(other).await?;
    let own_again = backend(connection).await?;
    Ok(own == others || own != own_again || others != others_again)
}

async fn backend(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::raw_sql("SELECT pg_backend_pid()")
        .fetch_one(connection)
        .await?
        .try_get(0)
}

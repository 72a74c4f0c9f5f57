//! Recognising a proxy that pools transactions.
//!
//! Behind such a proxy consecutive transactions of one client run in different sessions of the
//! server, and sessions go from client to client. The reconciliation lock taken there stays behind
//! in a session that nobody owns and shuts out coderd's loop and every later pass; and what a
//! session of this tool is set to, read-only and its time limits, would befall whoever gets the
//! session next. So this is asked before anything else is, of every session, in a form that leaves
//! nothing behind: plain queries, no prepared ones and no settings.

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
    // Where no second connection is to be had, nothing can be told.
    let Ok(mut other) = PgConnection::connect_with(options).await else {
        return Ok(false);
    };
    let shared = changes_hands(connection, &mut other).await;
    // A server that doesn't hear the farewell only logs it.
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

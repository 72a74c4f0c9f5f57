//! Recognising a proxy that pools transactions.
//!
//! Behind such a proxy consecutive transactions of one client run in different sessions of the
//! server, and sessions go from client to client. The reconciliation lock taken there stays behind
//! in a session that no client owns and shuts out coderd's loop and every later pass; and the settings
//! of a session of this tool, read-only and its time limits, would apply to the client that gets the
//! session next. So every session is checked before anything else, in a form that leaves nothing
//! behind: plain queries, no prepared ones and no settings.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{Connection as _, Row as _};

/// How long the second client may take: a pool in session mode that has no session left makes it wait
/// for those that others hold, perhaps for one that waits for this one's.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether a second client would get the session of `connection`, or either client another one than
/// before: two clients that are connected at the same time have a session each and keep it, unless
/// something hands sessions around between them. Each is asked twice, the second one at once and the
/// first one at the end: asked in turn, two sessions handed out in turn would look like their own.
pub(in crate::store) async fn shares_sessions(
    connection: &mut PgConnection,
    options: &PgConnectOptions,
) -> Result<bool, sqlx::Error> {
    let own = backend(connection).await?;
    let (others, other) = match tokio::time::timeout(PATIENCE, another(options)).await {
        Ok(Ok(another)) => another,
        // Without a second session there is nothing to compare.
        Ok(Err(error)) => {
            tracing::debug!(%error, "not checked for a proxy that pools transactions");
            return Ok(false);
        }
        Err(_) => {
            tracing::debug!("not checked for a proxy that pools transactions: no second session");
            return Ok(false);
        }
    };
    let own_again = backend(connection).await;
    // A failure to say goodbye is only logged by the server.
    let _closed = other.close().await;
    let [first, second] = others;
    let shared = own == first || own != own_again? || first != second;
    tracing::debug!(shared, "checked for a proxy that pools transactions");
    Ok(shared)
}

/// A second client, and which sessions it was given in turn.
async fn another(options: &PgConnectOptions) -> Result<([i32; 2], PgConnection), sqlx::Error> {
    let mut other = PgConnection::connect_with(options).await?;
    let sessions = [backend(&mut other).await?, backend(&mut other).await?];
    Ok((sessions, other))
}

/// Reads the answer to its end: a client that leaves before costs the proxy a session of the server.
async fn backend(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    let rows = sqlx::raw_sql("SELECT pg_backend_pid()")
        .fetch_all(connection)
        .await?;
    rows.first().ok_or(sqlx::Error::RowNotFound)?.try_get(0)
}

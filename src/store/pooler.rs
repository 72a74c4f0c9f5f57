//! Recognising a proxy that pools transactions.
//!
//! Behind such a proxy consecutive transactions of one client run in different sessions of the
//! server. A session-level lock taken there stays behind in a session that nobody owns, and shuts
//! out coderd's loop and every later pass until the proxy drops it. So this is asked before the
//! lock.

use crate::store::connection::{Access, Connection, Statement, fetch};
use crate::store::{Store, StoreError};

const BACKEND: Statement =
    Statement::both("asking which session this is", "SELECT pg_backend_pid()");

impl Store {
    /// Refuses a server that is reached through a proxy which pools transactions, as far as that
    /// can be told: two clients that are connected at the same time never share a session of the
    /// server, unless something hands sessions around between them.
    pub(super) async fn refuse_pooler(
        &self,
        connection: &mut Connection,
    ) -> Result<(), StoreError> {
        if self.shares_sessions(connection).await? {
            return Err(StoreError::Refused {
                problem: format!(
                    "{} is reached through a proxy that pools transactions",
                    self.target
                ),
                hint: "connect to the server itself, or to a pool in session mode: the \
                       reconciliation lock needs a session of its own",
            });
        }
        Ok(())
    }

    /// Whether a second client gets the session of this one.
    pub(super) async fn shares_sessions(
        &self,
        connection: &mut Connection,
    ) -> Result<bool, StoreError> {
        if let Connection::Sqlite(_) = connection {
            return Ok(false);
        }
        // Where no second connection is to be had, nothing can be told.
        let Ok(mut other) = self.connect(Access::Read).await else {
            return Ok(false);
        };
        let own = backend(connection).await;
        let others = backend(&mut other).await;
        other.close().await;
        Ok(own? == others?)
    }
}

async fn backend(connection: &mut Connection) -> Result<i32, StoreError> {
    let rows: Vec<(i32,)> = fetch!(connection, (i32,), BACKEND)?;
    Ok(rows.first().map_or(0, |row| row.0))
}

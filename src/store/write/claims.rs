//! The session of claims: what can be claimed, taking workspaces, and transferring them.
//!
//! A claim is one transaction: workspaces are taken ([`ClaimSession::take`]: on PostgreSQL their
//! rows are locked, and rows that another transaction has locked are skipped), their builds are inserted on
//! the condition that no other build has come first, and those that won are transferred. TakeOptions
//! alone is not enough: a deletion locks a workspace's row without changing it, so that one which
//! commits between the start of our statement and our lock goes unnoticed until the build number
//! turns out to be taken.
//!
//! Never asks for the reconciliation lock: claims run during passes, and while reconciliation is paused.
//! What is not committed is undone when the session ends.

use chrono::TimeDelta;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::{PREBUILDS_USER_ID, Time, text};
use crate::store::session::arguments::{args, json_rows, time_text};
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::write::builds::{LastBuild, Writer};
use crate::store::{Postings, Store, StoreError, notify};

/// A session that can claim.
pub(crate) struct ClaimSession {
    pub(in crate::store) writer: Writer,
}

/// A workspace that gets a new owner.
#[derive(Clone, Debug)]
pub(crate) struct Transfer<'a> {
    pub workspace_id: Uuid,
    pub owner_id: Uuid,
    pub name: &'a str,
    /// When it starts by itself.
    pub autostart_schedule: Option<&'a str>,
    /// When that is next.
    pub next_start_at: Option<Time>,
    /// How long it runs after a start.
    pub ttl: Option<TimeDelta>,
}

/// What a pool holds: why there is nothing to claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PoolCounts {
    /// Started workspaces.
    pub running: i64,
    /// Those of them whose agents are ready.
    pub ready: i64,
    /// Workspaces whose start is queued or under way.
    pub starting: i64,
}

impl Store {
    /// Opens the session of claims, on a schema that it can write to.
    pub(crate) async fn open_claims(&self) -> Result<ClaimSession, StoreError> {
        let writer = self.open_writer().await?;
        Ok(ClaimSession { writer })
    }
}

impl ClaimSession {
    /// What a preset's pool holds.
    pub(crate) async fn count(&mut self, preset_id: Uuid) -> Result<PoolCounts, StoreError> {
        let arguments = args![preset_id, PREBUILDS_USER_ID];
        let counts = self.connection.fetch_first(&COUNTS, arguments).await?;
        Ok(counts.unwrap_or_default())
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.begin_write().await
    }

    /// Takes up to `count` claimable workspaces of a preset, the oldest first.
    pub(crate) async fn take(
        &mut self,
        preset_id: Uuid,
        count: usize,
    ) -> Result<Vec<LastBuild>, StoreError> {
        let arguments = args![preset_id, PREBUILDS_USER_ID, text::count(count)];
        self.connection.fetch(&CLAIMABLE, arguments).await
    }

    /// Transfers workspaces that were taken to their new owners.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when a new owner has got a workspace of that name meanwhile.
    pub(crate) async fn transfer(
        &mut self,
        workspaces: &[Transfer<'_>],
        now: Time,
    ) -> Result<(), StoreError> {
        let row = |it: &Transfer<'_>| {
            json!({
                "workspace_id": it.workspace_id,
                "owner_id": it.owner_id,
                "name": it.name,
                "autostart_schedule": it.autostart_schedule,
                "next_start_at": it.next_start_at.map(time_text),
                "ttl": it.ttl.and_then(|ttl| ttl.num_nanoseconds()),
            })
        };
        let rows: Vec<Value> = workspaces.iter().map(row).collect();
        let arguments = args![json_rows(&rows), now, PREBUILDS_USER_ID];
        let changed = self.connection.execute(&TRANSFER, arguments).await?;
        if usize::try_from(changed) == Ok(workspaces.len()) {
            return Ok(());
        }
        // Impossible as long as the rows are locked. If it happens, builds of workspaces that stay
        // the prebuilds user's must not be committed.
        Err(StoreError::row(
            "workspaces.owner_id",
            "a workspace changed hands while it was locked",
        ))
    }

    /// Undoes the transaction.
    pub(crate) async fn rollback(&mut self) -> Result<(), StoreError> {
        self.connection.rollback().await
    }

    /// Wakes provisioners for the jobs of claims that are committed, and notifies other
    /// processes of this tool of the smaller pools.
    pub(crate) async fn notify(&mut self, postings: &Postings) -> Result<(), StoreError> {
        notify::post_jobs(&mut self.connection, postings).await?;
        notify::post_change(&mut self.connection, "claim").await;
        Ok(())
    }
}

statements! {
    COUNTS: "looking at the pool", "claim/count_pool";
    CLAIMABLE: "taking workspaces", twins "claim/take";
    TRANSFER: "transferring workspaces", "claim/transfer";
}

rows! {
    PoolCounts { running, ready, starting }
}

//! The session of claims: what can be claimed, taking workspaces, and transferring them.
//!
//! A claim is one transaction: workspaces are taken ([`ClaimSession::take`]: on PostgreSQL their
//! rows are locked, and rows that another transaction has locked are skipped), their builds are inserted on
//! the condition that no other build has come first, and those that won are transferred. Taking them
//! alone is not enough: a deletion locks a workspace's row without changing it, so that one which
//! commits between the start of our statement and our lock goes unnoticed until the build number
//! turns out to be taken.
//!
//! Never asks for the reconciliation lock: claims run during passes, and while reconciliation is paused.
//! What is not committed is undone when the session ends.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use uuid::Uuid;

use crate::model::{Time, text};
use crate::store::session::arguments::{args, id_list, json_rows, time_text};
use crate::store::session::connection::{Connection, Use};
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::write::builds::{LastBuild, Writer};
use crate::store::{Postings, Store, StoreError, notify};

/// The migration from which on claims of coderd that find another claim's build are undone (Coder 2.30,
/// and 2.29.6, which has no migration of its own).
const TAKES_BACK: i64 = 412;

/// How often to look whether others are done: a claim of coderd takes milliseconds.
const WRITERS_POLL: Duration = Duration::from_millis(2);

/// A session that can claim.
pub(crate) struct ClaimSession {
    pub(in crate::store) writer: Writer,
}

/// How many workspaces of a pool are wanted.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Wanted {
    pub preset_id: Uuid,
    pub template_id: Uuid,
    pub count: usize,
}

/// A workspace to be taken from its pool.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Candidate {
    pub preset_id: Uuid,
    pub template_id: Uuid,
    pub workspace_id: Uuid,
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
    /// Workspaces whose start failed.
    pub failed: i64,
}

impl Store {
    /// Opens the session of claims, on a schema that it can write to.
    pub(crate) async fn open_claims(&self) -> Result<ClaimSession, StoreError> {
        let writer = self.open_writer(Use::Again).await?;
        Ok(ClaimSession { writer })
    }
}

impl ClaimSession {
    /// What a preset's pool holds.
    pub(crate) async fn count(&mut self, preset_id: Uuid) -> Result<PoolCounts, StoreError> {
        let arguments = args![preset_id];
        let counts = self.connection.fetch_first(&COUNTS, arguments).await?;
        Ok(counts.unwrap_or_default())
    }

    /// Begins a transaction, unless one is open.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        if self.connection.is_in_transaction() {
            return Ok(());
        }
        self.connection.begin_yielding().await
    }

    /// Finds workspaces of pools that can be claimed, the oldest of each first, but none of `except`. Those
    /// whose agents are out of contact only if `out_of_contact`. Returns each with its preset.
    pub(crate) async fn find(
        &mut self,
        wanted: &[Wanted],
        except: &[Uuid],
        out_of_contact: bool,
        now: Time,
    ) -> Result<Vec<(Uuid, Uuid)>, StoreError> {
        let except = id_list(except);
        if let Connection::Postgres(_) = self.connection {
            let arguments = args![json_rows(wanted), except, out_of_contact, now];
            return self.connection.fetch(&FIND, arguments).await;
        }
        let mut found = Vec::new();
        for it in wanted {
            let arguments = args![
                it.preset_id,
                &except,
                out_of_contact,
                now,
                text::count(it.count),
                it.template_id
            ];
            let of_pool: Vec<(Uuid, Uuid)> = self.connection.fetch(&FIND, arguments).await?;
            found.extend(of_pool);
        }
        Ok(found)
    }

    /// Takes those workspaces that can still be claimed, in no order.
    pub(crate) async fn take(
        &mut self,
        candidates: &[Candidate],
    ) -> Result<Vec<LastBuild>, StoreError> {
        if candidates.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = args![json_rows(candidates)];
        let mut taken: Vec<LastBuild> = self.connection.fetch(&TAKE, arguments).await?;
        self.mark_encrypted(taken.iter_mut()).await?;
        Ok(taken)
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
        let arguments = args![json_rows(&rows), now];
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

    /// Whether the owner, the membership or the template of a transfer is removed by now, on a database of our
    /// own: a removal that was under way has ended, and no other one can begin until the transaction has,
    /// because of the foreign key and the lock of the table. On SQLite the transaction is the only writer, and
    /// coderd's removals don't wait.
    pub(crate) async fn is_overtaken(
        &mut self,
        workspaces: &[Transfer<'_>],
    ) -> Result<bool, StoreError> {
        if !self.is_own() || self.is_embedded() {
            return Ok(false);
        }
        let ids: Vec<Uuid> = workspaces.iter().map(|it| it.workspace_id).collect();
        let arguments = args![id_list(&ids)];
        let overtaken: Option<Uuid> = self.connection.fetch_first(&OVERTAKEN, arguments).await?;
        Ok(overtaken.is_some())
    }

    /// Whether a claim of coderd can take over what was claimed here while its statement ran: it asks
    /// for the workspace's id alone when it gets to the row.
    pub(crate) fn can_be_taken_over(&self) -> bool {
        self.schema.is_before(TAKES_BACK)
    }

    /// Which of the workspaces still belong to those to whom they were transferred, once all others who
    /// were writing to workspaces at the commit are done, for which it waits for at most `patience`.
    pub(crate) async fn read_kept(
        &mut self,
        workspaces: &[Transfer<'_>],
        patience: Duration,
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        let deadline = Instant::now() + patience;
        let mut writers: BTreeSet<String> = self.read_writers().await?;
        while !writers.is_empty() && Instant::now() < deadline {
            tokio::time::sleep(WRITERS_POLL).await;
            let present = self.read_writers().await?;
            writers.retain(|writer| present.contains(writer));
        }
        let row =
            |it: &Transfer<'_>| json!({ "workspace_id": it.workspace_id, "owner_id": it.owner_id });
        let rows: Vec<Value> = workspaces.iter().map(row).collect();
        let kept = self
            .connection
            .fetch(&KEPT, args![json_rows(&rows)])
            .await?;
        Ok(kept.into_iter().collect())
    }

    /// The transactions of others that write to workspaces.
    async fn read_writers(&mut self) -> Result<BTreeSet<String>, StoreError> {
        let writers = self.connection.fetch(&WRITERS, &[]).await?;
        Ok(writers.into_iter().collect())
    }

    /// Wakes provisioners for the jobs of claims that are committed, and notifies other
    /// processes of this tool of the smaller pools.
    pub(crate) async fn notify(&mut self, postings: &Postings) -> Result<(), StoreError> {
        notify::post_claims(&mut self.connection, postings).await
    }
}

statements! {
    COUNTS: "looking at the pool", "claim/count_pool";
    /// On PostgreSQL of several pools, on SQLite of one.
    FIND: "looking for workspaces to claim", twins "claim/find";
    TAKE: "taking workspaces", "claim/take";
    TRANSFER: "transferring workspaces", "claim/transfer";
    OVERTAKEN: "looking for what was removed meanwhile", "claim/find_overtaken";
    /// On PostgreSQL only.
    WRITERS: "looking who writes to workspaces", "claim/read_writers";
    KEPT: "looking whether claims were taken over", "claim/read_kept";
}

rows! {
    PoolCounts { running, ready, starting, failed }
}

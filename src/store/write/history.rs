//! The history of a database of our own: appending to it, and reading it.
//!
//! Whoever appends prunes in the same transaction, so that the table holds at most 10,000 entries, none older
//! than 90 days. Coder's databases have no such table: what happened there follows from builds and jobs.

use chrono::TimeDelta;
use serde::Serialize;

use crate::model::history::{ClaimBuild, HistoryEntry, PoolBuild};
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::{args, json_rows, serialize_time};
use crate::store::session::connection::{Access, Connection, Use};
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::{Pass, Reader, Store, StoreError};

/// The age from which on entries go.
pub(super) const KEPT_FOR: TimeDelta = TimeDelta::days(90);

/// How often the same failure is told: what stays as it is must not push everything else out.
const TELL_AGAIN_AFTER: TimeDelta = TimeDelta::days(1);

/// Most entries.
const MAX_ENTRIES: i64 = 10_000;

statements! {
    INSERT: "appending to the history", "history/insert";
    INSERT_NEW: "appending to the history", "history/insert_new";
    INSERT_CHANGES: "appending to the history", "history/insert_changes";
    PRUNE: "pruning the history", "history/prune";
    READ: "reading the history", "history/read";
    BUILDS: "reading the builds of pools", "history/read_builds";
    CLAIMS: "reading the claims", "history/read_claims";
}

rows! {
    HistoryEntry { at, event, actor, subject, message }
    PoolBuild {
        created_at, transition, is_first, organization_name, template_name, preset_name, workspace_name,
        job_status, completed_at, error,
    }
    ClaimBuild {
        created_at, owner_name, initiator_name, initiator_id, organization_name, template_name, preset_name,
        workspace_name, job_status, error,
    }
}

#[derive(Serialize)]
struct EntryRow<'a> {
    number: usize,
    #[serde(serialize_with = "serialize_time")]
    at: Time,
    event: &'a str,
    actor: &'a str,
    subject: &'a str,
    message: &'a str,
}

fn row((number, entry): (usize, &HistoryEntry)) -> EntryRow<'_> {
    EntryRow {
        number,
        at: entry.at,
        event: &entry.event,
        actor: &entry.actor,
        subject: &entry.subject,
        message: &entry.message,
    }
}

/// Appends entries, which a database of our own must be there for.
pub(in crate::store) async fn append(
    connection: &mut Connection,
    entries: &[HistoryEntry],
) -> Result<(), StoreError> {
    let rows: Vec<EntryRow<'_>> = entries.iter().enumerate().map(row).collect();
    connection.execute(&INSERT, args![json_rows(&rows)]).await?;
    prune(connection).await
}

async fn prune(connection: &mut Connection) -> Result<(), StoreError> {
    let now = connection.clock().now();
    let oldest = now.checked_sub_signed(KEPT_FOR).unwrap_or(now);
    connection
        .execute(&PRUNE, args![oldest, MAX_ENTRIES])
        .await?;
    Ok(())
}

impl Pass {
    /// Appends what the pass has done to the history of a database of our own, and what has failed, once a day.
    pub(crate) async fn append_history(
        &mut self,
        (done, failed): &(Vec<HistoryEntry>, Vec<HistoryEntry>),
    ) -> Result<(), StoreError> {
        let is_empty = done.is_empty() && failed.is_empty();
        if is_empty || self.schema.kind() != Kind::Own {
            return Ok(());
        }
        let connection = &mut self.connection;
        if !failed.is_empty() {
            let now = connection.clock().now();
            let since = now.checked_sub_signed(TELL_AGAIN_AFTER).unwrap_or(now);
            let rows: Vec<EntryRow<'_>> = failed.iter().enumerate().map(row).collect();
            let arguments = args![json_rows(&rows), since];
            connection.execute(&INSERT_NEW, arguments).await?;
        }
        append(connection, done).await
    }
}

impl Store {
    /// Appends those of the entries that tell something new of their subject, of which `conditions` are told, in a
    /// session of its own. Nothing on a database of Coder.
    pub(crate) async fn append_changes(
        &self,
        entries: &[HistoryEntry],
        conditions: &[&str],
    ) -> Result<(), StoreError> {
        let mut reader = self.open(Access::Write, Use::Once).await?;
        let connection = &mut reader.connection;
        if reader.schema.kind() == Kind::Own {
            let rows: Vec<EntryRow<'_>> = entries.iter().enumerate().map(row).collect();
            connection.begin_write().await?;
            let arguments = args![json_rows(&rows), json_rows(conditions)];
            connection.execute(&INSERT_CHANGES, arguments).await?;
            prune(connection).await?;
            connection.commit().await?;
        }
        reader.close().await;
        Ok(())
    }
}

impl Reader {
    /// Whether the database keeps a history.
    pub(crate) fn keeps_history(&self) -> bool {
        self.schema.kind() == Kind::Own
    }

    /// The entries of the history since then, in their order; none on a database of Coder.
    pub(crate) async fn history(&mut self, since: Time) -> Result<Vec<HistoryEntry>, StoreError> {
        if !self.keeps_history() {
            return Ok(Vec::new());
        }
        self.connection.fetch(&READ, args![since]).await
    }

    /// The builds since then that the prebuilds user asked for, in order of time.
    pub(crate) async fn pool_builds(&mut self, since: Time) -> Result<Vec<PoolBuild>, StoreError> {
        let arguments = args![PREBUILDS_USER_ID, since];
        self.connection.fetch(&BUILDS, arguments).await
    }

    /// The builds since then that handed prebuilt workspaces to people, in order of time.
    pub(crate) async fn claim_builds(
        &mut self,
        since: Time,
    ) -> Result<Vec<ClaimBuild>, StoreError> {
        let arguments = args![PREBUILDS_USER_ID, since];
        self.connection.fetch(&CLAIMS, arguments).await
    }
}

//! Requests that found nothing to claim, on a database of our own: recording them, and reading them.
//!
//! A set of requests is one statement, and every thousandth request has the table pruned, so that it holds about
//! [`MAX_MISSES`], none of which counts once it is older than the history is. Coder's databases have no such
//! table: there a person makes a workspace, which is a trace of its own.

use std::time::Duration;

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use super::history::KEPT_FOR;
use crate::model::Time;
use crate::model::demand::RecordedMiss;
use crate::store::session::arguments::{args, json_rows, serialize_time};
use crate::store::session::connection::Connection;
use crate::store::session::row::rows;
use crate::store::session::schema::MISSES;
use crate::store::session::statement::statements;
use crate::store::{ClaimSession, StoreError};

/// Most requests that are kept, give or take those between two prunings.
const MAX_MISSES: i64 = 100_000;

/// How many requests there are between prunings.
const PRUNED_EVERY: i64 = 1000;

/// Who asks for the same workspace again within this time is still one who asks.
const SAME_WITHIN: TimeDelta = TimeDelta::hours(1);

/// How long to wait for other writers of an SQLite file: whoever asked has waited already.
const PATIENCE: Duration = Duration::from_secs(1);

statements! {
    INSERT: "recording requests that found nothing", "miss/insert";
    PRUNE: "pruning the requests that found nothing", "miss/prune";
    READ: "reading the requests that found nothing", "miss/read";
    BEGINNING: "reading since when requests are recorded", "miss/read_beginning";
}

rows! {
    RecordedMiss { preset_id, asked_at, created_at }
    Beginning { began_at, oldest }
}

/// A request that found nothing to claim.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewMiss<'a> {
    #[serde(serialize_with = "serialize_time")]
    pub asked_at: Time,
    pub preset_id: Uuid,
    /// Who was to own the workspace.
    pub user_id: Uuid,
    /// What it was to be called.
    pub name: &'a str,
}

/// Since when requests are recorded.
struct Beginning {
    began_at: Time,
    /// Requests from before this one may be gone.
    oldest: Option<Time>,
}

impl ClaimSession {
    /// Records requests that found nothing to claim, on a database of our own.
    pub(crate) async fn record_misses(&mut self, misses: &[NewMiss<'_>]) -> Result<(), StoreError> {
        if misses.is_empty() || !self.is_own() {
            return Ok(());
        }
        let now = self.now();
        let earlier = |by: TimeDelta| now.checked_sub_signed(by).unwrap_or(now);
        let connection = &mut self.connection;
        connection.begin_write_within(PATIENCE).await?;
        let arguments = args![json_rows(misses), earlier(SAME_WITHIN), now];
        let ids: Vec<i64> = connection.fetch(&INSERT, arguments).await?;
        if ids.iter().any(|id| id % PRUNED_EVERY == 0) {
            let arguments = args![earlier(KEPT_FOR), MAX_MISSES];
            connection.execute(&PRUNE, arguments).await?;
        }
        connection.commit().await
    }
}

/// The requests that found nothing to claim, of those that were answered since then, in the order of their answers.
pub(in crate::store) async fn read(
    connection: &mut Connection,
    since: Time,
) -> Result<Vec<RecordedMiss>, StoreError> {
    connection.fetch(&READ, args![since]).await
}

/// Since when all such requests are known.
pub(in crate::store) async fn known_from(connection: &mut Connection) -> Result<Time, StoreError> {
    let now = connection.clock().now();
    let arguments = args![MISSES, MAX_MISSES];
    let beginning: Option<Beginning> = connection.fetch_first(&BEGINNING, arguments).await?;
    let Some(Beginning { began_at, oldest }) = beginning else {
        return Ok(now);
    };
    let kept = now.checked_sub_signed(KEPT_FOR).unwrap_or(now);
    Ok(began_at.max(kept).max(oldest.unwrap_or(began_at)))
}

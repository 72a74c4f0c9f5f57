//! What a loop tells of: a log line, an event for `--on-event`, and an entry of the history.
//!
//! Every event is one JSON object of version 1 with the same keys. None of this keeps a pass from anything: what can't
//! be told is logged.

use std::time::Duration;

use serde::Serialize;
use tokio::time::timeout;

use crate::actions::condition::{Circumstances, Watch};
use crate::builds::forecast::waiting_in_vain;
use crate::model::condition::{Change, Condition, PoolCondition};
use crate::model::document::to_json_line;
use crate::model::history::HistoryEntry;
use crate::model::text::printable;
use crate::model::{FormatVersion, PresetReference, Time, time};
use crate::service::hook::Hook;
use crate::store::{Store, StoreError};

/// How long a loop that has stopped waits for its last events.
const LAST_EVENTS: Duration = Duration::from_secs(5);

/// How long the next pass may wait for what is told of this one.
const PATIENCE: Duration = Duration::from_secs(10);

const UNREAD: &str = "why pools are below their targets was not read";

/// What `--on-event` gets.
#[derive(Serialize)]
struct Event<'a> {
    version: FormatVersion,
    /// `loop_started`, `loop_stopped`, `pass_failed`, `passes_succeed` or `condition_changed`.
    event: &'static str,
    #[serde(with = "time")]
    at: Time,
    /// Which database, without a password.
    database: String,
    /// The pool; null where it is about the loop.
    preset: Option<&'a PresetReference>,
    condition: Option<Condition>,
    /// Null where the loop has just begun to look at the pool.
    before: Option<Condition>,
    message: &'a str,
}

/// Tells what a loop finds out.
pub(super) struct Teller {
    store: Store,
    hook: Option<Hook>,
    watch: Watch,
}

impl Teller {
    pub(super) fn new(store: Store, hook: Option<Hook>) -> Self {
        Self {
            store,
            hook,
            watch: Watch::default(),
        }
    }

    /// Tells something about the loop itself.
    pub(super) fn tell(&self, event: &'static str, message: &str, at: Time) {
        self.send(event, None, message, at);
    }

    fn send(&self, event: &'static str, change: Option<&Change>, message: &str, at: Time) {
        let Some(hook) = &self.hook else { return };
        hook.send(to_json_line(&Event {
            version: FormatVersion,
            event,
            at,
            database: self.store.target().to_string(),
            preset: change.map(|change| &change.preset),
            condition: change.map(|change| change.condition),
            before: change.and_then(|change| change.before),
            message,
        }));
    }

    /// Tells what is different about pools since the pass before.
    pub(super) async fn tell_changes(&mut self, pools: Vec<PoolCondition>, at: Time) {
        let mut circumstances = Circumstances::default();
        if self.watch.needs_circumstances(&pools, at) {
            match timeout(PATIENCE, self.read_circumstances()).await {
                Ok(Ok(read)) => circumstances = read,
                Ok(Err(error)) => tracing::debug!(%error, "{UNREAD}"),
                Err(_) => tracing::debug!("{UNREAD}"),
            }
        }
        let changes = self.watch.observe(pools, &circumstances, at);
        for change in &changes {
            let preset = printable(&change.preset.to_string());
            let condition = change.condition.label();
            match (change.condition, change.before) {
                // Nothing was ever wrong with it, as far as this loop knows.
                (Condition::Healthy, None) => continue,
                (Condition::Healthy, Some(_)) => {
                    tracing::warn!(preset, "healthy again: {}", printable(&change.message));
                }
                _ => tracing::warn!(preset, condition, "{}", printable(&change.message)),
            }
            self.send("condition_changed", Some(change), &change.message, at);
        }
        if changes.is_empty() {
            return;
        }
        match timeout(PATIENCE, self.keep(&changes, at)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the history lacks changes of pools"),
            Err(_) => tracing::warn!("the history lacks changes of pools: it took too long"),
        }
    }

    /// What is to be known of pools that are below their target.
    async fn read_circumstances(&self) -> Result<Circumstances, StoreError> {
        let mut reader = self.store.open_reader().await?;
        let build_times = reader.build_times().await?;
        let alive = reader.live_provisioners().await?;
        let in_vain = waiting_in_vain(&reader.queued_tags().await?, &alive);
        reader.close().await;
        Ok(Circumstances {
            build_times,
            in_vain,
        })
    }

    /// Keeps the changes in the history of a database of our own, unless another loop has.
    async fn keep(&self, changes: &[Change], at: Time) -> Result<(), StoreError> {
        let entry = |change: &Change| {
            let (event, subject) = (change.condition.label(), change.preset.to_string());
            HistoryEntry::new(at, event, "", subject, &change.message)
        };
        let entries: Vec<HistoryEntry> = changes.iter().map(entry).collect();
        self.store
            .append_changes(&entries, &Condition::ALL.map(Condition::label))
            .await
    }

    /// Lets the last events be delivered.
    pub(super) async fn finish(self) {
        if let Some(hook) = self.hook {
            hook.finish(LAST_EVENTS).await;
        }
    }
}

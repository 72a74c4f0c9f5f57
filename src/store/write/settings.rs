//! The site configuration `prebuilds_settings`: whether reconciliation is paused.
//!
//! The text is the one that coderd writes, byte for byte, since coderd compares bytes to see whether
//! a setting changes. Keys that this version doesn't know are kept. What this program notes about a pause,
//! a reason and when it ends, stands in a row of its own, which coderd never reads. It names the transaction that
//! wrote both rows, and is believed as long as that is the last one that wrote the first: whoever pauses or resumes
//! by other means writes only that. After a dump is restored no note is believed. Nothing else of site_configs is
//! touched.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::model::history::HistoryEntry;
use crate::model::pause::{Pause, PauseNote};
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::args;
use crate::store::session::connection::{Access, Connection, Use};
use crate::store::session::rights;
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::write::history;
use crate::store::{Reader, Store, StoreError, notify};

statements! {
    SETTINGS: "reading the prebuilds settings", "settings/read";
    UPSERT_SETTINGS: "writing the prebuilds settings", "settings/write";
    UPSERT_NOTE: "noting why reconciliation is paused", "settings/write_note";
    CLEAR_NOTE: "noting why reconciliation is paused",
        sql "UPDATE site_configs SET value = '' WHERE key = 'prebuildctl_pause' AND value <> ''";
    HOLD: "shutting out others who pause",
        sql "SELECT value FROM site_configs WHERE key IN ('prebuilds_settings', 'prebuildctl_pause')
             ORDER BY key {either FOR UPDATE | }";
    TRANSACTION: "looking up the transaction",
        sql "SELECT {either CAST(CAST(pg_current_xact_id() AS xid) AS text) | ''}";
    /// The presets that passes keep a pool for.
    POOLS: "counting the pools", "pool/count";
    QUEUED: "counting the queued jobs", "job/count_queued";
}

/// The key of the setting.
const PAUSED: &str = "reconciliation_paused";

/// The outcome of pausing or resuming.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PauseOutcome {
    /// Whether anything was written.
    pub changed: bool,
    /// Presets whose pools are kept, or no longer are.
    pub pools: i64,
    /// Pending and running jobs of the prebuilds user, which go on whatever the setting.
    pub queued: i64,
}

impl Store {
    /// Pauses reconciliation, for coderd and for this tool. A note with a reason or an end is kept.
    pub(crate) async fn pause(&self, note: &PauseNote) -> Result<PauseOutcome, StoreError> {
        self.write_pause(true, |stored, _| {
            // A pause without an end takes the place of one that has one, whose reason still holds.
            let before = stored.note.iter().filter(|it| it.until.is_some());
            let endless = |it: &PauseNote| PauseNote {
                until: None,
                ..it.clone()
            };
            let mut notes = [note.clone()].into_iter().chain(before.map(endless));
            Some((note.entry(), notes.find(PauseNote::says_more)))
        })
        .await
    }

    /// Resumes reconciliation.
    pub(crate) async fn resume(&self, actor: &str) -> Result<PauseOutcome, StoreError> {
        self.write_pause(false, |_, now| {
            let entry = HistoryEntry::new(now, "resume", actor, "", "resumed");
            Some((entry, None))
        })
        .await
    }

    /// Pauses or resumes on a session of its own.
    async fn write_pause(
        &self,
        paused: bool,
        decide: impl FnOnce(&Pause, Time) -> Option<(HistoryEntry, Option<PauseNote>)>,
    ) -> Result<PauseOutcome, StoreError> {
        let mut reader = self.open_reading(Access::Write, Use::Once).await?;
        reader.connection.rollback().await?;
        let outcome = reader.set_paused(paused, decide).await?;
        reader.close().await;
        Ok(outcome)
    }
}

impl Reader {
    /// The pause of reconciliation as it is stored.
    pub(crate) async fn pause(&mut self) -> Result<Pause, StoreError> {
        Stored::read(&mut self.connection).await?.pause()
    }

    /// Resumes reconciliation if the time of its pause is over; says whether it has. No transaction may be open.
    pub(in crate::store) async fn end_pause(&mut self) -> Result<bool, StoreError> {
        let outcome = self.set_paused(false, |stored, now| {
            let message = "resumed: the time of the pause is over";
            let entry = || HistoryEntry::new(now, "resume", "", "", message);
            stored.is_over(now).then(|| (entry(), None))
        });
        Ok(outcome.await?.changed)
    }

    /// Pauses or resumes with what `decide` makes of what is stored: an entry for the history and a note; none
    /// leaves everything as it is.
    async fn set_paused(
        &mut self,
        paused: bool,
        decide: impl FnOnce(&Pause, Time) -> Option<(HistoryEntry, Option<PauseNote>)>,
    ) -> Result<PauseOutcome, StoreError> {
        self.schema.check_rights(rights::PAUSING)?;
        let is_own = self.schema.kind() == Kind::Own;
        let connection = &mut self.connection;
        connection.begin_write().await?;
        // Without it a pause that somebody commits after the reading would be overwritten, as by the end of the
        // one before it.
        connection.execute(&HOLD, &[]).await?;
        let stored = Stored::read(connection).await?;
        let pause = stored.parse_pause().unwrap_or_default();
        let stored = stored.settings.unwrap_or_default();
        let decided = decide(&pause, connection.clock().now());
        let mut changed = false;
        if let Some((entry, note)) = decided {
            let wanted = settings_text(&stored, paused);
            changed = stored != wanted;
            let has_end = pause.note.as_ref().is_some_and(|it| it.until.is_some());
            if changed || note.is_some() || has_end {
                connection.execute(&UPSERT_SETTINGS, args![&wanted]).await?;
                match &note {
                    Some(note) => {
                        let transaction = connection.fetch_first(&TRANSACTION, &[]).await?;
                        let text = serde_json::json!(StoredNote {
                            transaction: transaction.unwrap_or_default(),
                            note: note.clone(),
                        });
                        let text = text.to_string();
                        connection.execute(&UPSERT_NOTE, args![&text]).await?;
                    }
                    None => {
                        connection.execute(&CLEAR_NOTE, &[]).await?;
                    }
                }
                if is_own {
                    history::append(connection, &[entry]).await?;
                }
            }
        }
        let outcome = PauseOutcome {
            changed,
            pools: connection.fetch_first(&POOLS, &[]).await?.unwrap_or(0),
            queued: connection
                .fetch_first(&QUEUED, args![PREBUILDS_USER_ID])
                .await?
                .unwrap_or(0),
        };
        connection.commit().await?;
        if changed {
            notify::post_change(connection, "pause").await;
        }
        Ok(outcome)
    }
}

/// What stands in site_configs for passes, each text as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Stored {
    pub settings: Option<String>,
    /// The transaction that wrote the settings.
    written_by: Option<String>,
    note: Option<String>,
    pub scales: Option<String>,
    /// Another one after every change of what is declared: two readings that are equal saw the same pools.
    declared: Option<String>,
}

/// A note with the transaction that wrote it and the settings.
#[derive(Serialize, Deserialize)]
struct StoredNote {
    transaction: String,
    note: PauseNote,
}

rows! {
    Stored { settings, written_by, note, scales, declared }
}

impl Stored {
    pub(in crate::store) async fn read(connection: &mut Connection) -> Result<Self, StoreError> {
        Ok(connection
            .fetch_first(&SETTINGS, &[])
            .await?
            .unwrap_or_default())
    }

    /// The pause of reconciliation. No row and an empty text mean that there is none.
    pub(in crate::store) fn pause(&self) -> Result<Pause, StoreError> {
        self.parse_pause()
            .map_err(|error| StoreError::row("site_configs.value of prebuilds_settings", error))
    }

    fn parse_pause(&self) -> Result<Pause, serde_json::Error> {
        #[derive(Default, Deserialize)]
        struct Settings {
            reconciliation_paused: Option<bool>,
        }

        let text = self.settings.as_deref().unwrap_or_default();
        if text.is_empty() {
            return Ok(Pause::default());
        }
        // Coder reads null as no settings.
        let settings: Option<Settings> = serde_json::from_str(text)?;
        let stored = settings.unwrap_or_default().reconciliation_paused;
        let stored = stored.unwrap_or(false);
        // A note of a later version says nothing to this one.
        let note = self.note.as_deref();
        let note = note.and_then(|note| serde_json::from_str::<StoredNote>(note).ok());
        let note = note.filter(|it| stored && Some(&it.transaction) == self.written_by.as_ref());
        Ok(Pause {
            stored,
            note: note.map(|it| it.note),
        })
    }
}

/// The text to store. Anything but a JSON object stops every pass, and is replaced.
fn settings_text(stored: &str, paused: bool) -> String {
    let mut settings: Map<String, Value> = serde_json::from_str(stored).unwrap_or_default();
    settings.insert(PAUSED.to_owned(), Value::Bool(paused));
    Value::Object(settings).to_string()
}

#[cfg(test)]
mod tests {
    use super::settings_text;

    #[test]
    fn the_text_is_what_coder_writes() {
        for stored in [
            "",
            "{}",
            "no JSON",
            "[1]",
            r#"{"reconciliation_paused":false}"#,
        ] {
            assert_eq!(
                settings_text(stored, true),
                r#"{"reconciliation_paused":true}"#
            );
        }
        assert_eq!(
            settings_text(r#"{"reconciliation_paused": true}"#, false),
            r#"{"reconciliation_paused":false}"#
        );
    }

    #[test]
    fn unknown_settings_are_kept() {
        assert_eq!(
            settings_text(r#"{"a":[1],"reconciliation_paused":true,"z":null}"#, false),
            r#"{"a":[1],"reconciliation_paused":false,"z":null}"#
        );
    }
}

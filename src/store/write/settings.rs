//! The site configuration `prebuilds_settings`: whether reconciliation is paused.
//!
//! The text is the one that coderd writes, byte for byte, since coderd compares bytes to see whether
//! a setting changes. Keys that this version doesn't know are kept. Nothing else of site_configs is
//! touched.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::model::PREBUILDS_USER_ID;
use crate::store::session::arguments::args;
use crate::store::session::connection::{Access, Connection, Use};
use crate::store::session::rights;
use crate::store::session::statement::statements;
use crate::store::{Store, StoreError, notify};

statements! {
    SETTINGS: "reading the prebuilds settings",
        sql "SELECT value FROM site_configs WHERE key = 'prebuilds_settings'";
    UPSERT_SETTINGS: "writing the prebuilds settings", "settings/write";
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
    /// Pauses or resumes reconciliation, for coderd and for this tool.
    pub(crate) async fn set_paused(&self, paused: bool) -> Result<PauseOutcome, StoreError> {
        let mut reader = self.open_reading(Access::Write, Use::Once).await?;
        reader.schema.check_rights(rights::PAUSING)?;
        let connection = &mut reader.connection;
        connection.rollback().await?;
        connection.begin_write().await?;
        let stored = read_text(connection).await?;
        let wanted = settings_text(&stored, paused);
        let changed = stored != wanted;
        if changed {
            connection.execute(&UPSERT_SETTINGS, args![&wanted]).await?;
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
        reader.close().await;
        Ok(outcome)
    }
}

/// Whether reconciliation is paused. No row and an empty text mean that it is not.
pub(in crate::store) async fn read_paused(connection: &mut Connection) -> Result<bool, StoreError> {
    #[derive(Default, Deserialize)]
    struct Settings {
        reconciliation_paused: Option<bool>,
    }

    let text = read_text(connection).await?;
    if text.is_empty() {
        return Ok(false);
    }
    // Coder reads null as no settings.
    let settings: Option<Settings> = serde_json::from_str(&text)
        .map_err(|error| StoreError::row("site_configs.value of prebuilds_settings", error))?;
    Ok(settings
        .unwrap_or_default()
        .reconciliation_paused
        .unwrap_or(false))
}

/// The stored text, empty where there is none.
async fn read_text(connection: &mut Connection) -> Result<String, StoreError> {
    let text = connection.fetch_first(&SETTINGS, &[]).await?;
    Ok(text.unwrap_or_default())
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

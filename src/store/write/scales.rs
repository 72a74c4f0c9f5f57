//! Pools that are scaled for a while: a setting of databases of our own.
//!
//! Pools are named by template and preset, so that a new version keeps them scaled. What is over is left
//! out of what is read, and goes with the next write.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::model::{Preset, Scaled, Time};
use crate::store::StoreError;
use crate::store::session::arguments::args;
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;
use crate::store::write::settings::Stored;

/// A pool that is scaled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Scale {
    template_id: Uuid,
    preset: String,
    scaled: Scaled,
}

impl Scale {
    fn is_of(&self, preset: &Preset) -> bool {
        self.template_id == preset.template_id && self.preset == preset.name
    }
}

/// Notes on presets whose pools are scaled that they are. `stored` is the setting's text, if there is one.
pub(in crate::store) fn mark(
    stored: Option<&str>,
    presets: &mut [Preset],
) -> Result<(), StoreError> {
    for scale in parse(stored)? {
        for preset in presets.iter_mut().filter(|it| scale.is_of(it)) {
            preset.scaled = Some(scale.scaled.clone());
        }
    }
    Ok(())
}

/// Scales the pool of a preset for a while, or no longer.
pub(in crate::store) async fn set(
    connection: &mut Connection,
    preset: &Preset,
    scaled: Option<Scaled>,
    now: Time,
) -> Result<(), StoreError> {
    let stored = Stored::read(connection).await?;
    let mut scales = parse(stored.scales.as_deref())?;
    let before = scales.clone();
    scales.retain(|it| !it.is_of(preset) && it.scaled.until > now);
    scales.extend(scaled.map(|scaled| Scale {
        template_id: preset.template_id,
        preset: preset.name.clone(),
        scaled,
    }));
    if scales != before {
        let text = serde_json::to_string(&scales).unwrap_or_default();
        connection.execute(&WRITE, args![text]).await?;
    }
    Ok(())
}

/// What is stored. A scale that can't be read, such as one whose end no time can hold, holds nothing up: it
/// scales nothing, and the next write leaves it out.
fn parse(stored: Option<&str>) -> Result<Vec<Scale>, StoreError> {
    let Some(text) = stored else {
        return Ok(Vec::new());
    };
    let scales: Vec<serde_json::Value> = serde_json::from_str(text)
        .map_err(|error| StoreError::row("site_configs.value of prebuildctl_scales", error))?;
    let scales = scales.into_iter();
    Ok(scales
        .filter_map(|scale| serde_json::from_value(scale).ok())
        .collect())
}

statements! {
    WRITE: "scaling a pool",
        sql "INSERT INTO site_configs (key, value) VALUES ('prebuildctl_scales', $1)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value";
}

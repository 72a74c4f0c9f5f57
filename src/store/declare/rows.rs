//! Rows of a new template version's presets, with the columns' names as keys.
//!
//! Writes nothing: the statements that take these rows stand in [`super`].

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::declaration::PresetContent;

#[derive(Clone, Serialize)]
pub(super) struct PresetRow<'a> {
    id: Uuid,
    #[serde(flatten)]
    content: &'a PresetContent,
}

/// A parameter value or a schedule of a preset, by its name or cron expression.
#[derive(Serialize)]
pub(super) struct EntryRow<'a, T> {
    id: Uuid,
    preset_id: Uuid,
    name: &'a str,
    value: &'a T,
}

impl PresetRow<'_> {
    pub(super) fn name(&self) -> &str {
        &self.content.name
    }
}

/// The presets with their ids, or with new ones where they have none.
pub(super) fn presets<'a>(
    contents: &'a [PresetContent],
    known: &BTreeMap<String, Uuid>,
) -> Vec<PresetRow<'a>> {
    let row = |content: &'a PresetContent| PresetRow {
        id: known
            .get(&content.name)
            .copied()
            .unwrap_or_else(Uuid::new_v4),
        content,
    };
    contents.iter().map(row).collect()
}

/// What `map` says of each preset, with new ids in the order of the names: where two schedules hold, the
/// one whose id comes first decides.
pub(super) fn entries<'a, T>(
    presets: &[PresetRow<'a>],
    map: fn(&'a PresetContent) -> &'a BTreeMap<String, T>,
) -> Vec<EntryRow<'a, T>> {
    let rows = |preset: &PresetRow<'a>| {
        let preset_id = preset.id;
        let entries = map(preset.content);
        let mut ids: Vec<Uuid> = entries.iter().map(|_| Uuid::new_v4()).collect();
        ids.sort_unstable();
        ids.into_iter()
            .zip(entries)
            .map(move |(id, (name, value))| EntryRow {
                id,
                preset_id,
                name,
                value,
            })
    };
    presets.iter().flat_map(rows).collect()
}

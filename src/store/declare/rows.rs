//! Rows of a new template version's presets, with the columns' names as keys.
//!
//! Writes nothing: the statements that take these rows stand in [`super`].

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::declaration::PresetContent;

#[derive(Serialize)]
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

/// The presets with new ids.
pub(super) fn presets(contents: &[PresetContent]) -> Vec<PresetRow<'_>> {
    let row = |content| PresetRow {
        id: Uuid::new_v4(),
        content,
    };
    contents.iter().map(row).collect()
}

/// What `map` says of each preset, with new ids.
pub(super) fn entries<'a, T>(
    presets: &[PresetRow<'a>],
    map: fn(&'a PresetContent) -> &'a BTreeMap<String, T>,
) -> Vec<EntryRow<'a, T>> {
    let rows = |preset: &PresetRow<'a>| {
        let preset_id = preset.id;
        map(preset.content)
            .iter()
            .map(move |(name, value)| EntryRow {
                id: Uuid::new_v4(),
                preset_id,
                name,
                value,
            })
    };
    presets.iter().flat_map(rows).collect()
}

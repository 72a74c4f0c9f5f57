//! Which pool a request means. Pure: names are looked up in rows read before.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use uuid::Uuid;

use crate::actions::select::suggest;
use crate::builds::{Version, matching_preset};
use crate::claim::outcome::Refusal;
use crate::claim::request::Wanted;
use crate::store::PoolRow;

/// A pool to claim from.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub preset_id: Uuid,
    /// Full name of the preset.
    pub label: String,
    pub organization: String,
    pub version: Version,
    pub using_active_version: bool,
    pub default_ttl: Option<TimeDelta>,
    pub has_pool: bool,
}

/// The versions that resolving looks at.
pub(super) fn needed_versions(wanted: &Wanted, pools: &[PoolRow]) -> Vec<Uuid> {
    let rows: BTreeSet<Uuid> = match wanted {
        Wanted::Preset(text) => presets_named(text, pools),
        Wanted::Parameters { template, .. } => templates_named(template, pools),
    }
    .into_iter()
    .map(|row| row.template_version_id)
    .collect();
    rows.into_iter().collect()
}

/// The pool that is meant; none when no preset fits the given parameters.
pub(super) fn resolve(
    wanted: &Wanted,
    pools: &[PoolRow],
    versions: &BTreeMap<Uuid, Version>,
) -> Result<Option<Pool>, Refusal> {
    let row = match wanted {
        Wanted::Preset(text) => Some(resolve_preset(text, pools)?),
        Wanted::Parameters { template, given } => {
            let version_id = resolve_template(template, pools)?;
            let preset = versions
                .get(&version_id)
                .and_then(|version| matching_preset(&version.presets, given));
            pools
                .iter()
                .find(|row| row.preset.as_ref().map(|(id, _)| *id) == preset && preset.is_some())
        }
    };
    let Some((row, preset_id)) = row.and_then(|row| Some((row, row.preset.as_ref()?.0))) else {
        return Ok(None);
    };
    let label = full_name(row);
    let Some(version) = versions.get(&row.template_version_id) else {
        return Err(Refusal::Unbuildable {
            preset: label,
            problem: "its template version has no import job".to_owned(),
        });
    };
    Ok(Some(Pool {
        preset_id,
        label,
        organization: row.organization_name.clone(),
        version: version.clone(),
        using_active_version: row.using_active_version,
        default_ttl: row.default_ttl,
        has_pool: row.has_pool,
    }))
}

fn resolve_preset<'p>(text: &str, pools: &'p [PoolRow]) -> Result<&'p PoolRow, Refusal> {
    let found = presets_named(text, pools);
    let in_use: Vec<&PoolRow> = found
        .iter()
        .copied()
        .filter(|row| !row.template_deleted)
        .collect();
    match (in_use.as_slice(), found.first()) {
        ([row], _) => usable(row),
        ([], Some(deleted)) => usable(deleted),
        ([], None) => {
            let names = pools
                .iter()
                .filter(|row| row.preset.is_some() && !row.template_deleted);
            Err(Refusal::UnknownPreset {
                preset: text.to_owned(),
                known: known(text, names.map(full_name)),
            })
        }
        (several, _) => Err(ambiguous(text, several.iter().map(|row| full_name(row)))),
    }
}

/// The active version of the template that is meant.
fn resolve_template(text: &str, pools: &[PoolRow]) -> Result<Uuid, Refusal> {
    let found = templates_named(text, pools);
    let mut in_use: Vec<&PoolRow> = found
        .iter()
        .copied()
        .filter(|row| !row.template_deleted)
        .collect();
    in_use.dedup_by_key(|row| row.template_version_id);
    match (in_use.as_slice(), found.first()) {
        ([row], _) => usable(row),
        ([], Some(deleted)) => usable(deleted),
        ([], None) => {
            let names = pools.iter().filter(|row| !row.template_deleted);
            Err(Refusal::UnknownTemplate {
                template: text.to_owned(),
                known: known(text, names.map(template_name)),
            })
        }
        (several, _) => Err(ambiguous(
            text,
            several.iter().map(|row| template_name(row)),
        )),
    }
    .map(|row| row.template_version_id)
}

/// The rows that a preset's id or name stands for. A name is looked up in active versions.
fn presets_named<'p>(text: &str, pools: &'p [PoolRow]) -> Vec<&'p PoolRow> {
    let id: Option<Uuid> = text.parse().ok();
    let by_id = |row: &&PoolRow| {
        id.is_some_and(|id| row.preset.as_ref().is_some_and(|(preset, _)| *preset == id))
    };
    if let Some(row) = pools.iter().find(by_id) {
        return vec![row];
    }
    let by_name = |row: &&PoolRow| {
        row.using_active_version
            && row.preset.as_ref().is_some_and(|(_, name)| {
                name == text
                    || format!("{}/{name}", row.template_name) == text
                    || full_name(row) == text
            })
    };
    pools.iter().filter(by_name).collect()
}

/// The rows that a template's name stands for.
fn templates_named<'p>(text: &str, pools: &'p [PoolRow]) -> Vec<&'p PoolRow> {
    pools
        .iter()
        .filter(|row| row.using_active_version)
        .filter(|row| row.template_name == text || template_name(row) == text)
        .collect()
}

fn usable(row: &PoolRow) -> Result<&PoolRow, Refusal> {
    let template = template_name(row);
    if row.template_deleted {
        Err(Refusal::DeletedTemplate { template })
    } else if !row.deprecated.is_empty() {
        Err(Refusal::DeprecatedTemplate {
            template,
            message: row.deprecated.clone(),
        })
    } else {
        Ok(row)
    }
}

fn template_name(row: &PoolRow) -> String {
    format!("{}/{}", row.organization_name, row.template_name)
}

fn full_name(row: &PoolRow) -> String {
    let preset = row.preset.as_ref().map_or("", |(_, name)| name);
    format!("{}/{preset}", template_name(row))
}

fn ambiguous(given: &str, candidates: impl Iterator<Item = String>) -> Refusal {
    Refusal::Ambiguous {
        given: given.to_owned(),
        candidates: quoted(candidates),
    }
}

fn known(text: &str, names: impl Iterator<Item = String>) -> String {
    let names = suggest(text, names);
    if names.is_empty() {
        "; there is none at all".to_owned()
    } else {
        format!("; known are, among others: {}", quoted(names.into_iter()))
    }
}

fn quoted(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.map(|name| format!("{name:?}")).collect();
    names.join(", ")
}

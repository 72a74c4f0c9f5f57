//! Which pool a request means. Pure: names are looked up in rows read before, and those that stand for
//! nothing get suggestions from names that are read only then.

use std::collections::BTreeMap;
use std::iter;
use std::sync::Arc;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::builds::{Version, matching_preset};
use crate::claim::external_auth::RequiredLogins;
use crate::claim::outcome::{Reason, Refusal};
use crate::claim::request::PoolSelector;
use crate::model::names::{Kind, Scope, Scoped, ambiguous, known, suggest};
use crate::model::text::{counted, plural};
use crate::store::{PoolCounts, PoolLookup, PoolRow};

/// How many presets a message describes.
const MAX_PRESETS: usize = 5;

/// A pool to claim from.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    pub preset_id: Uuid,
    pub template_id: Uuid,
    /// Full name of the preset.
    pub label: String,
    pub organization: String,
    pub version: Arc<Version>,
    pub using_active_version: bool,
    pub default_ttl: Option<TimeDelta>,
    pub has_pool: bool,
    /// The external authentications at which the owner must be logged in.
    pub external_auth: RequiredLogins,
}

/// The preset that a selector names if there is one with this id.
pub(super) fn preset_id(selector: &PoolSelector) -> Option<Uuid> {
    match selector {
        PoolSelector::Preset(text) => text.parse().ok(),
        PoolSelector::Parameters { .. } => None,
    }
}

/// What a selector may stand for: the slashes of a text may be part of a name or stand between names.
pub(super) fn lookups(selector: &PoolSelector) -> Vec<PoolLookup> {
    let text = match selector {
        PoolSelector::Preset(text) => text,
        PoolSelector::Parameters { template, .. } => {
            return vec![PoolLookup {
                preset: None,
                template: Some(template.clone()),
            }];
        }
    };
    let whole = PoolLookup {
        preset: Some(text.clone()),
        template: None,
    };
    let split = |(slash, _)| {
        let (template, rest) = text.split_at(slash);
        PoolLookup {
            preset: Some(rest.trim_start_matches('/').to_owned()),
            template: Some(template.to_owned()),
        }
    };
    iter::once(whole)
        .chain(text.match_indices('/').map(split))
        .collect()
}

/// The versions that resolving looks at.
pub(super) fn needed_versions(
    selector: &PoolSelector,
    pools: &[PoolRow],
) -> impl Iterator<Item = Uuid> {
    let rows = match selector {
        PoolSelector::Preset(text) => presets_named(text, pools),
        PoolSelector::Parameters { template, .. } => named(Kind::Template, template, pools),
    };
    rows.into_iter().map(|row| row.template_version_id)
}

/// The pool that is meant.
pub(super) fn resolve(
    selector: &PoolSelector,
    pools: &[PoolRow],
    versions: &BTreeMap<Uuid, Arc<Version>>,
) -> Result<Pool, Refusal> {
    let (row, preset_id) = match selector {
        PoolSelector::Preset(text) => resolve_preset(text, pools)?,
        PoolSelector::Parameters { template, given } => {
            let version_id = resolve_template(template, pools)?;
            let presets = versions.get(&version_id).map(|version| &version.presets);
            presets
                .and_then(|presets| matching_preset(presets, given))
                .and_then(|preset_id| Some((with_preset(preset_id, pools)?, preset_id)))
                .ok_or_else(|| Reason::NoPresetFits {
                    known: known_values(version_id, pools, presets),
                })?
        }
    };
    let label = full_name(row);
    let Some(version) = versions.get(&row.template_version_id) else {
        return Err(Refusal::Unbuildable {
            preset: label,
            problem: "its template version has no import job".to_owned(),
        });
    };
    Ok(Pool {
        preset_id,
        template_id: row.template_id,
        label,
        organization: row.organization_name.clone(),
        version: Arc::clone(version),
        using_active_version: row.using_active_version,
        default_ttl: row.default_ttl,
        has_pool: row.has_pool,
        external_auth: RequiredLogins::of(version),
    })
}

fn resolve_preset<'p>(text: &str, pools: &'p [PoolRow]) -> Result<(&'p PoolRow, Uuid), Refusal> {
    let unknown = || Reason::UnknownPreset {
        preset: text.to_owned(),
        known: String::new(),
    };
    let found = presets_named(text, pools);
    let in_use: Vec<&PoolRow> = found
        .iter()
        .copied()
        .filter(|row| !row.template_deleted)
        .collect();
    let row = match (in_use.as_slice(), found.first()) {
        ([row], _) => usable(row)?,
        ([], Some(deleted)) => usable(deleted)?,
        ([], None) => return Err(unknown().into()),
        (several, _) => {
            return Err(ambiguous(Kind::Preset, text, several).into());
        }
    };
    let (preset_id, _) = row.preset.as_ref().ok_or_else(unknown)?;
    Ok((row, *preset_id))
}

/// The active version of the template that is meant.
fn resolve_template(text: &str, pools: &[PoolRow]) -> Result<Uuid, Refusal> {
    let found = named(Kind::Template, text, pools);
    let mut in_use: Vec<&PoolRow> = found
        .iter()
        .copied()
        .filter(|row| !row.template_deleted)
        .collect();
    in_use.dedup_by_key(|row| row.template_version_id);
    match (in_use.as_slice(), found.first()) {
        ([row], _) => usable(row),
        ([], Some(deleted)) => usable(deleted),
        ([], None) => Err(Refusal::UnknownTemplate {
            template: text.to_owned(),
            known: String::new(),
        }),
        (several, _) => Err(ambiguous(Kind::Template, text, several).into()),
    }
    .map(|row| row.template_version_id)
}

/// The rows that a preset's id or name stands for. A name is looked up in active versions.
fn presets_named<'p>(text: &str, pools: &'p [PoolRow]) -> Vec<&'p PoolRow> {
    let id: Option<Uuid> = text.parse().ok();
    if let Some(row) = id.and_then(|id| with_preset(id, pools)) {
        return vec![row];
    }
    named(Kind::Preset, text, pools)
}

/// The rows of active versions that the name stands for.
fn named<'p>(kind: Kind, name: &str, pools: &'p [PoolRow]) -> Vec<&'p PoolRow> {
    let is_it = |row: &&PoolRow| row.using_active_version && row.scope().is_named(kind, name);
    pools.iter().filter(is_it).collect()
}

/// Whether there is a preset with this id.
pub(super) fn has_preset(id: Uuid, pools: &[PoolRow]) -> bool {
    with_preset(id, pools).is_some()
}

/// The row of the preset with this id.
fn with_preset(id: Uuid, pools: &[PoolRow]) -> Option<&PoolRow> {
    let is_it = |(preset, _): &(Uuid, String)| *preset == id;
    pools
        .iter()
        .find(|row| row.preset.as_ref().is_some_and(is_it))
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

/// Whether the refusal is about a name that stands for nothing.
pub(super) fn is_unknown(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::UnknownTemplate { .. } | Refusal::NoneClaimable(Reason::UnknownPreset { .. })
    )
}

/// Adds the likeliest names to a refusal of an unknown one.
pub(super) fn with_suggestions(mut refusal: Refusal, pools: &[PoolRow]) -> Refusal {
    let likely = |kind, text: &str| {
        let in_use = pools.iter().filter(|row| !row.template_deleted);
        let names = in_use.filter_map(|row| row.scope().name(kind));
        known(&suggest(text, names))
    };
    match &mut refusal {
        Refusal::UnknownTemplate { template, known } => *known = likely(Kind::Template, template),
        Refusal::NoneClaimable(Reason::UnknownPreset { preset, known }) => {
            *known = likely(Kind::Preset, preset);
        }
        _ => {}
    }
    refusal
}

impl Scoped for PoolRow {
    fn scope(&self) -> Scope<'_> {
        Scope {
            organization: &self.organization_name,
            template: &self.template_name,
            preset: self.preset.as_ref().map(|(id, name)| (*id, name.as_str())),
        }
    }
}

fn template_name(row: &PoolRow) -> String {
    row.scope().name(Kind::Template).unwrap_or_default()
}

fn full_name(row: &PoolRow) -> String {
    row.scope().name(Kind::Preset).unwrap_or_default()
}

/// The first few presets of a version with their parameter values.
fn known_values(
    version_id: Uuid,
    pools: &[PoolRow],
    presets: Option<&BTreeMap<Uuid, BTreeMap<String, String>>>,
) -> String {
    let described: Vec<String> = pools
        .iter()
        .filter(|row| row.template_version_id == version_id)
        .filter_map(|row| row.preset.as_ref())
        .filter_map(|(id, name)| {
            let value = |(name, value)| format!("{name:?}={value:?}");
            let values: Vec<String> = presets?.get(id)?.iter().map(value).collect();
            Some(format!("{name:?} ({})", values.join(", ")))
        })
        .collect();
    let some = described.get(..MAX_PRESETS).unwrap_or(&described);
    match described.len() {
        0 => "; it has no presets".to_owned(),
        many if many > MAX_PRESETS => {
            format!("; its {many} presets are {} and others", some.join(", "))
        }
        _ => format!("; its presets are {}", some.join(", ")),
    }
}

impl Pool {
    /// The refusal of a claim whose build can't be made.
    pub(super) fn unbuildable(&self, problem: String) -> Refusal {
        Refusal::Unbuildable {
            preset: self.label.clone(),
            problem,
        }
    }

    /// Why nothing can be claimed from it, given what there is.
    pub(super) fn reason(&self, counts: PoolCounts) -> Reason {
        let preset = self.label.clone();
        let starting = match (counts.starting, counts.failed) {
            (0, 0) => "none is starting".to_owned(),
            (0, failed) => format!(
                "none is starting, and the builds of {failed} failed: prebuildctl plan --explain tells why"
            ),
            (some, _) => counted(some, "is starting", "are starting"),
        };
        if !self.using_active_version {
            Reason::InactiveVersion(preset)
        } else if counts.ready > 0 {
            Reason::Contended(preset)
        } else if counts.running > 0 {
            Reason::NoneReady {
                preset,
                running: plural(counts.running, "prebuilt workspace"),
                starting,
            }
        } else if counts.starting == 0 && !self.has_pool {
            Reason::NoPool(preset)
        } else {
            Reason::NoneRunning { preset, starting }
        }
    }
}

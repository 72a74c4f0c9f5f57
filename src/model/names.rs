//! Finds what names stand for, and keeps only some presets of a snapshot.
//!
//! A name that stands for nothing is an error with the likeliest names, rather than an empty list: a
//! misspelt name must not look like a pool that needs no work. Selecting happens before planning, so
//! the plan of a selected preset is the one it would have had among all.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use uuid::Uuid;
use wildmatch::WildMatch;

use crate::model::text::quoted;
use crate::model::{Preset, Snapshot};

#[cfg(test)]
mod tests;

/// What a name can stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By name.
    Organization,
    /// By `[ORGANIZATION/]NAME`.
    Template,
    /// By id, or by `[[ORGANIZATION/]TEMPLATE/]NAME`.
    Preset,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Organization => "organization",
            Self::Template => "template",
            Self::Preset => "preset",
        })
    }
}

/// A name that stands for nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{kind} {name:?} names nothing in the snapshot; {}{}",
    known(suggestions),
    other(*is_name_of)
)]
pub(crate) struct UnknownName {
    pub kind: Kind,
    pub name: String,
    /// Names that would do, the most alike first; at most five.
    pub suggestions: Vec<String>,
    /// What the name stands for when it is taken for something else.
    pub is_name_of: Option<Kind>,
}

/// A name that stands for several things where one is needed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{kind} {name:?} is ambiguous; it is one of: {}; give more of the name",
    quoted(fits)
)]
pub(crate) struct AmbiguousName {
    pub kind: Kind,
    pub name: String,
    pub fits: BTreeSet<String>,
}

pub(crate) fn known(suggestions: &[String]) -> String {
    if suggestions.is_empty() {
        "there is none at all".to_owned()
    } else {
        format!("known are, among others: {}", quoted(suggestions))
    }
}

fn other(is_name_of: Option<Kind>) -> String {
    is_name_of.map_or_else(String::new, |kind| {
        format!("; for the {kind} of this name there is --{kind}")
    })
}

/// Up to five of the names, those that are most alike first: as a whole, or in their last parts.
pub(crate) fn suggest(name: &str, names: impl Iterator<Item = String>) -> Vec<String> {
    let name = name.to_lowercase();
    let likeness = |known: &str| {
        let starts = known.match_indices('/').map(|(slash, _)| slash + 1);
        let tails = [0]
            .into_iter()
            .chain(starts)
            .filter_map(|at| known.get(at..));
        let likeness = tails.map(|tail| strsim::jaro_winkler(&name, &tail.to_lowercase()));
        likeness.fold(0.0, f64::max)
    };
    let names = names.collect::<BTreeSet<_>>().into_iter();
    let mut names: Vec<(f64, String)> = names.map(|known| (likeness(&known), known)).collect();
    names.sort_by(|(one, _), (another, _)| another.total_cmp(one));
    let mut names: Vec<String> = names.into_iter().map(|(_, known)| known).collect();
    names.truncate(5);
    names
}

/// Where something belongs, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    pub organization: &'a str,
    pub template: &'a str,
    /// Id and name, if it belongs to a preset.
    pub preset: Option<(Uuid, &'a str)>,
}

/// Something that belongs somewhere.
pub(crate) trait Scoped {
    fn scope(&self) -> Scope<'_>;
}

impl Scoped for Scope<'_> {
    fn scope(&self) -> Scope<'_> {
        *self
    }
}

impl Scoped for Preset {
    fn scope(&self) -> Scope<'_> {
        Scope {
            organization: &self.organization_name,
            template: &self.template_name,
            preset: Some((self.id, &self.name)),
        }
    }
}

impl Scope<'_> {
    /// Whether its organization, template or preset has this name.
    pub(crate) fn is_named(&self, kind: Kind, name: &str) -> bool {
        let Self {
            organization,
            template,
            preset,
        } = *self;
        match kind {
            Kind::Organization => name == organization,
            Kind::Template => is_path(name, &[organization, template]),
            Kind::Preset => preset.is_some_and(|(id, preset)| {
                is_path(name, &[organization, template, preset]) || name == id.to_string()
            }),
        }
    }

    /// Whether its organization, template or preset has this name, or one that fits it as a pattern, in
    /// which `*` stands for any text and `?` for one character. The parts of a pattern are those of names.
    fn fits(&self, kind: Kind, pattern: &str) -> bool {
        if self.is_named(kind, pattern) {
            return true;
        }
        if !is_pattern(pattern) {
            return false;
        }
        let Some(name) = self.name(kind) else {
            return false;
        };
        let parts = pattern.matches('/').count() + 1;
        let starts = name.rmatch_indices('/').map(|(slash, _)| slash + 1);
        let start = starts.chain([0]).nth(parts - 1).unwrap_or(0);
        let tail = name.get(start..).unwrap_or_default();
        WildMatch::new(pattern).matches(tail)
    }

    /// The fullest name of its organization, template or preset; none when it belongs to no preset.
    pub(crate) fn name(&self, kind: Kind) -> Option<String> {
        let (organization, template) = (self.organization, self.template);
        match kind {
            Kind::Organization => Some(organization.to_owned()),
            Kind::Template => Some(format!("{organization}/{template}")),
            Kind::Preset => {
                let (_, preset) = self.preset?;
                Some(format!("{organization}/{template}/{preset}"))
            }
        }
    }
}

/// Whether a name is meant as a pattern.
fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?'])
}

/// Whether the text is the last part, alone or after as many of those before it as it holds. Parts
/// may hold slashes.
fn is_path(text: &str, parts: &[&str]) -> bool {
    let Some((last, before)) = parts.split_last() else {
        return false;
    };
    text == *last
        || text
            .strip_suffix(last)
            .and_then(|rest| rest.strip_suffix('/'))
            .is_some_and(|rest| is_path(rest, before))
}

/// The rows that the name stands for, at least one.
///
/// # Errors
/// There is none.
pub(crate) fn find<'r, R: Scoped>(
    kind: Kind,
    name: &str,
    rows: &'r [R],
) -> Result<Vec<&'r R>, UnknownName> {
    let named = rows.iter().filter(|row| row.scope().is_named(kind, name));
    let found: Vec<&R> = named.collect();
    if found.is_empty() {
        return Err(unknown(kind, name, rows));
    }
    Ok(found)
}

fn unknown<R: Scoped>(kind: Kind, name: &str, rows: &[R]) -> UnknownName {
    let kinds = [Kind::Organization, Kind::Template, Kind::Preset];
    let mut others = kinds.into_iter().filter(|other| *other != kind);
    let is_named = |other: &Kind| rows.iter().any(|row| row.scope().is_named(*other, name));
    UnknownName {
        kind,
        name: name.to_owned(),
        suggestions: suggest(name, rows.iter().filter_map(|row| row.scope().name(kind))),
        is_name_of: others.find(is_named),
    }
}

/// The name stands for each of the rows, which are several.
pub(crate) fn ambiguous<R: Scoped>(kind: Kind, name: &str, rows: &[&R]) -> AmbiguousName {
    AmbiguousName {
        kind,
        name: name.to_owned(),
        fits: rows
            .iter()
            .filter_map(|row| row.scope().name(kind))
            .collect(),
    }
}

/// Which presets to keep. A preset must satisfy each kind that has names, by at least one of them;
/// without any name everything is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selection {
    pub organizations: Vec<String>,
    pub templates: Vec<String>,
    pub presets: Vec<String>,
}

impl Selection {
    fn kinds(&self) -> [(Kind, &[String]); 3] {
        [
            (Kind::Organization, &self.organizations),
            (Kind::Template, &self.templates),
            (Kind::Preset, &self.presets),
        ]
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.kinds().iter().all(|(_, names)| names.is_empty())
    }

    /// The same without the names of presets.
    pub(crate) fn without_presets(&self) -> Self {
        Self {
            presets: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether what belongs there is kept.
    pub(crate) fn admits(&self, scope: &Scope<'_>) -> bool {
        self.kinds().into_iter().all(|(kind, names)| {
            names.is_empty() || names.iter().any(|name| scope.fits(kind, name))
        })
    }

    /// Checks that each name stands for one of the rows, or each pattern for some.
    ///
    /// # Errors
    /// The first that stands for none.
    pub(crate) fn check<R: Scoped>(&self, rows: &[R]) -> Result<(), UnknownName> {
        for (kind, names) in self.kinds() {
            for name in names {
                if !rows.iter().any(|row| row.scope().fits(kind, name)) {
                    return Err(unknown(kind, name, rows));
                }
            }
        }
        Ok(())
    }
}

/// Checks that each name stands for one template or preset in use, whatever its version: what replaces
/// or deletes workspaces must not reach further than meant. A pattern is meant for several.
///
/// # Errors
/// The first that stands for several.
pub(crate) fn check_unique(
    snapshot: &Snapshot,
    selection: &Selection,
) -> Result<(), AmbiguousName> {
    let in_use = snapshot.presets.iter().filter(|preset| preset.is_active());
    let scopes: Vec<Scope<'_>> = in_use.map(Preset::scope).collect();
    for (kind, names) in selection.kinds() {
        for name in names.iter().filter(|name| !is_pattern(name)) {
            let named = scopes.iter().filter(|scope| scope.is_named(kind, name));
            let found = ambiguous(kind, name, &named.collect::<Vec<_>>());
            if found.fits.len() > 1 {
                return Err(found);
            }
        }
    }
    Ok(())
}

/// Reduces a snapshot to the selected presets and the rows that belong to them.
///
/// Rows of no preset of the snapshot stay when their template is one of a kept preset, unless
/// presets are selected by name; rows that name no template then go.
///
/// # Errors
/// The first name that stands for no preset of the snapshot.
pub(crate) fn select(
    mut snapshot: Snapshot,
    selection: &Selection,
) -> Result<Snapshot, UnknownName> {
    if selection.is_empty() {
        return Ok(snapshot);
    }
    selection.check(&snapshot.presets)?;
    let known: HashSet<Uuid> = snapshot.presets.iter().map(|preset| preset.id).collect();
    snapshot
        .presets
        .retain(|preset| selection.admits(&preset.scope()));
    let kept: HashSet<Uuid> = snapshot.presets.iter().map(|preset| preset.id).collect();
    let templates: HashSet<Uuid> = snapshot
        .presets
        .iter()
        .map(|preset| preset.template_id)
        .collect();
    let stays = |preset_id: Option<Uuid>, template_id: Uuid| match preset_id {
        Some(id) if known.contains(&id) => kept.contains(&id),
        _ => selection.presets.is_empty() && templates.contains(&template_id),
    };
    snapshot
        .running
        .retain(|row| stays(row.preset_id, row.template_id));
    snapshot
        .in_progress
        .retain(|row| stays(row.preset_id, row.template_id));
    snapshot
        .leftovers
        .retain(|row| stays(row.preset_id, row.template_id));
    snapshot.claimed.retain(|row| stays(None, row.template_id));
    snapshot
        .schedules
        .retain(|row| kept.contains(&row.preset_id));
    snapshot.pending.retain(|row| kept.contains(&row.preset_id));
    snapshot
        .backoffs
        .retain(|row| kept.contains(&row.preset_id));
    snapshot
        .hard_limited
        .retain(|row| kept.contains(&row.preset_id));
    Ok(snapshot)
}

//! Keeps only some presets of a snapshot.
//!
//! Selecting happens before planning, so the plan of a selected preset is the one it would have
//! had among all. A value that names nothing is an error rather than an empty plan: a misspelt
//! name must not look like a pool that needs no work.

use std::collections::{BTreeSet, HashSet};
use std::fmt;

use uuid::Uuid;

use crate::model::{Preset, Snapshot};

/// Which presets to keep. A preset must satisfy each kind that has values, by at least one of
/// them; without any value everything is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Organization names.
    pub organizations: Vec<String>,
    /// Template names, `[ORGANIZATION/]NAME`.
    pub templates: Vec<String>,
    /// Preset ids, or names `[[ORGANIZATION/]TEMPLATE/]NAME`.
    pub presets: Vec<String>,
}

impl Selection {
    /// Whether everything is kept.
    pub fn is_empty(&self) -> bool {
        self.organizations.is_empty() && self.templates.is_empty() && self.presets.is_empty()
    }
}

/// A value of a filter that names nothing in the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct UnknownName {
    /// The command line's flag, such as `--template`.
    pub flag: &'static str,
    /// The value as it was given.
    pub value: String,
    /// Names that the flag would take, the most alike first; at most five.
    pub known: Vec<String>,
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {:?} names nothing in the snapshot; ",
            self.flag, self.value
        )?;
        if self.known.is_empty() {
            return write!(f, "it holds no preset at all");
        }
        write!(f, "known are, among others: ")?;
        for (n, name) in self.known.iter().enumerate() {
            write!(f, "{}{name:?}", if n == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

/// One kind of filter: its flag, its values, and the texts by which a value can name a preset,
/// of which the last is the fullest.
struct Filter<'a> {
    flag: &'static str,
    values: &'a [String],
    names: fn(&Preset) -> Vec<String>,
}

impl Filter<'_> {
    fn admits(&self, preset: &Preset) -> bool {
        self.values.is_empty() || self.values.iter().any(|value| self.matches(value, preset))
    }

    fn matches(&self, value: &str, preset: &Preset) -> bool {
        (self.names)(preset).iter().any(|name| name == value)
    }

    fn check(&self, presets: &[Preset]) -> Result<(), UnknownName> {
        let unknown = self
            .values
            .iter()
            .find(|value| !presets.iter().any(|preset| self.matches(value, preset)));
        match unknown {
            None => Ok(()),
            Some(value) => Err(UnknownName {
                flag: self.flag,
                value: value.clone(),
                known: suggest(value, presets.iter().filter_map(|p| (self.names)(p).pop())),
            }),
        }
    }
}

/// Reduces a snapshot to the selected presets and the rows that belong to them.
///
/// Rows of no preset of the snapshot stay when their template is one of a kept preset, unless
/// presets are selected by name; rows that name no template then go.
///
/// # Errors
/// The first value that names no preset of the snapshot.
pub fn select(mut snapshot: Snapshot, selection: &Selection) -> Result<Snapshot, UnknownName> {
    if selection.is_empty() {
        return Ok(snapshot);
    }
    let filters = [
        Filter {
            flag: "--organization",
            values: &selection.organizations,
            names: |preset| vec![preset.organization_name.clone()],
        },
        Filter {
            flag: "--template",
            values: &selection.templates,
            names: |preset| {
                let template = &preset.template_name;
                vec![
                    template.clone(),
                    format!("{}/{template}", preset.organization_name),
                ]
            },
        },
        Filter {
            flag: "--preset",
            values: &selection.presets,
            names: |preset| {
                let Preset {
                    id,
                    name,
                    template_name,
                    organization_name,
                    ..
                } = preset;
                vec![
                    id.to_string(),
                    name.clone(),
                    format!("{template_name}/{name}"),
                    format!("{organization_name}/{template_name}/{name}"),
                ]
            },
        },
    ];
    for filter in &filters {
        filter.check(&snapshot.presets)?;
    }

    let known: HashSet<Uuid> = snapshot.presets.iter().map(|preset| preset.id).collect();
    snapshot
        .presets
        .retain(|preset| filters.iter().all(|filter| filter.admits(preset)));
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

/// Up to five of the names, those that share the longest beginning or end with `value` first.
fn suggest(value: &str, names: impl Iterator<Item = String>) -> Vec<String> {
    let likeness = |name: &str| {
        let equal = |(a, b): &(char, char)| a.eq_ignore_ascii_case(b);
        let beginning = name.chars().zip(value.chars()).take_while(equal).count();
        let end = name
            .chars()
            .rev()
            .zip(value.chars().rev())
            .take_while(equal)
            .count();
        beginning.max(end)
    };
    let mut names: Vec<_> = names.collect::<BTreeSet<_>>().into_iter().collect();
    names.sort_by_key(|name| std::cmp::Reverse(likeness(name)));
    names.truncate(5);
    names
}

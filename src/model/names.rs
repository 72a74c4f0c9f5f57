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
pub(crate) struct Selection {
    /// Organization names.
    pub organizations: Vec<String>,
    /// Template names, `[ORGANIZATION/]NAME`.
    pub templates: Vec<String>,
    /// Preset ids, or names `[[ORGANIZATION/]TEMPLATE/]NAME`.
    pub presets: Vec<String>,
}

impl Selection {
    /// Whether everything is kept.
    pub(crate) fn is_empty(&self) -> bool {
        self.organizations.is_empty() && self.templates.is_empty() && self.presets.is_empty()
    }
}

/// A value of a filter that names nothing in the snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) struct UnknownName {
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
        write!(f, "known are, among others: {}", quoted(&self.known))
    }
}

/// The names in quotes, with everything escaped that a terminal could act on.
pub(crate) fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
    names.join(", ")
}

/// Where something belongs: what filters judge it by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place<'a> {
    /// Name of the organization.
    pub organization: &'a str,
    /// Name of the template.
    pub template: &'a str,
    /// Id and name of the preset, if it belongs to one.
    pub preset: Option<(Uuid, &'a str)>,
}

impl<'a> From<&'a Preset> for Place<'a> {
    fn from(preset: &'a Preset) -> Self {
        Self {
            organization: &preset.organization_name,
            template: &preset.template_name,
            preset: Some((preset.id, &preset.name)),
        }
    }
}

impl Place<'_> {
    /// The texts that name its template, the fullest last.
    pub(crate) fn template_names(&self) -> Vec<String> {
        let template = self.template;
        vec![
            template.to_owned(),
            format!("{}/{template}", self.organization),
        ]
    }

    /// The texts that name its preset, the fullest last; none when it belongs to no preset.
    pub(crate) fn preset_names(&self) -> Vec<String> {
        let Some((id, name)) = self.preset else {
            return Vec::new();
        };
        let (organization, template) = (self.organization, self.template);
        vec![
            id.to_string(),
            name.to_owned(),
            format!("{template}/{name}"),
            format!("{organization}/{template}/{name}"),
        ]
    }
}

/// One kind of filter: its flag, its values, and the texts by which a value can name a place, of
/// which the last is the fullest.
struct Filter<'a> {
    flag: &'static str,
    values: &'a [String],
    names: fn(&Place<'_>) -> Vec<String>,
}

impl Filter<'_> {
    fn admits(&self, place: &Place<'_>) -> bool {
        self.values.is_empty() || self.values.iter().any(|value| self.matches(value, place))
    }

    fn matches(&self, value: &str, place: &Place<'_>) -> bool {
        (self.names)(place).iter().any(|name| name == value)
    }

    fn check(&self, places: &[Place<'_>]) -> Result<(), UnknownName> {
        let unknown = self
            .values
            .iter()
            .find(|value| !places.iter().any(|place| self.matches(value, place)));
        match unknown {
            None => Ok(()),
            Some(value) => Err(UnknownName {
                flag: self.flag,
                value: value.clone(),
                known: suggest(value, places.iter().filter_map(|p| (self.names)(p).pop())),
            }),
        }
    }
}

/// All filters of a selection.
pub(crate) struct Filters<'a>([Filter<'a>; 3]);

impl<'a> Filters<'a> {
    /// The filters of a selection, provided that each of its values names one of the places.
    ///
    /// # Errors
    /// The first value that names none of them.
    pub(crate) fn new(selection: &'a Selection, places: &[Place<'_>]) -> Result<Self, UnknownName> {
        let filters = [
            Filter {
                flag: "--organization",
                values: &selection.organizations,
                names: |place| vec![place.organization.to_owned()],
            },
            Filter {
                flag: "--template",
                values: &selection.templates,
                names: |place| place.template_names(),
            },
            Filter {
                flag: "--preset",
                values: &selection.presets,
                names: |place| place.preset_names(),
            },
        ];
        for filter in &filters {
            filter.check(places)?;
        }
        Ok(Self(filters))
    }

    /// Whether the selection keeps what belongs there.
    pub(crate) fn admit(&self, place: &Place<'_>) -> bool {
        self.0.iter().all(|filter| filter.admits(place))
    }
}

/// Reduces a snapshot to the selected presets and the rows that belong to them.
///
/// Rows of no preset of the snapshot stay when their template is one of a kept preset, unless
/// presets are selected by name; rows that name no template then go.
///
/// # Errors
/// The first value that names no preset of the snapshot.
pub(crate) fn select(
    mut snapshot: Snapshot,
    selection: &Selection,
) -> Result<Snapshot, UnknownName> {
    if selection.is_empty() {
        return Ok(snapshot);
    }
    let places: Vec<Place<'_>> = snapshot.presets.iter().map(Place::from).collect();
    let filters = Filters::new(selection, &places)?;

    let known: HashSet<Uuid> = snapshot.presets.iter().map(|preset| preset.id).collect();
    snapshot
        .presets
        .retain(|preset| filters.admit(&Place::from(preset)));
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
pub(crate) fn suggest(value: &str, names: impl Iterator<Item = String>) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::*;
    use crate::model::{RunningPrebuild, Transition};

    /// acme/docker/small, acme/docker/large, acme/kube/small and other/docker/small, each with a
    /// row in every list; a workspace without a preset in each template.
    fn world() -> Snapshot {
        let places = [
            ("acme", "docker", "small"),
            ("acme", "docker", "large"),
            ("acme", "kube", "small"),
            ("other", "docker", "small"),
        ];
        let presets: Vec<_> = (1..)
            .zip(places)
            .map(|(n, (organization, template, name))| {
                let mut preset = preset(n, 1);
                preset.organization_name = organization.to_owned();
                preset.template_name = template.to_owned();
                preset.name = name.to_owned();
                preset.template_id = id(match n {
                    1 | 2 => 101,
                    3 => 103,
                    _ => 104,
                });
                preset
            })
            .collect();
        let mut snapshot = snapshot(presets);
        for (n, preset) in (1..).zip(&snapshot.presets) {
            snapshot.running.push(running(10 + n, preset, NOON));
            snapshot
                .in_progress
                .push(in_progress(preset, Transition::Start, 1));
            snapshot
                .schedules
                .push(schedule(20 + n, preset, "* * * * *", 1));
            snapshot.pending.push(pending(preset, 1));
            snapshot.backoffs.push(backoff(preset, 1, NOON));
            snapshot.hard_limited.push(hard_limited(preset));
            let unassigned = running(30 + n, preset, NOON);
            snapshot.running.push(RunningPrebuild {
                preset_id: None,
                ..unassigned
            });
        }
        snapshot
    }

    fn selection(organizations: &[&str], templates: &[&str], presets: &[&str]) -> Selection {
        let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        Selection {
            organizations: owned(organizations),
            templates: owned(templates),
            presets: owned(presets),
        }
    }

    /// The numbers of the presets that are left.
    fn left(selection: &Selection) -> Vec<u128> {
        let snapshot = select(world(), selection).unwrap();
        snapshot
            .presets
            .iter()
            .map(|preset| preset.id.as_u128())
            .collect()
    }

    #[test]
    fn without_filters_the_snapshot_stays_as_it_is() {
        assert_eq!(select(world(), &Selection::default()), Ok(world()));
    }

    #[test]
    fn kinds_must_all_agree_and_values_of_a_kind_add_up() {
        assert_eq!(left(&selection(&["acme"], &[], &[])), [1, 2, 3]);
        assert_eq!(left(&selection(&["acme", "other"], &[], &[])), [1, 2, 3, 4]);
        assert_eq!(left(&selection(&[], &["docker"], &[])), [1, 2, 4]);
        assert_eq!(
            left(&selection(&[], &["other/docker", "kube"], &[])),
            [3, 4]
        );
        assert_eq!(left(&selection(&["acme"], &["docker"], &["small"])), [1]);
        assert_eq!(left(&selection(&["other"], &["kube"], &[])), [0; 0]);
    }

    #[test]
    fn a_preset_is_named_by_id_or_by_as_much_of_its_path_as_is_given() {
        assert_eq!(left(&selection(&[], &[], &["small"])), [1, 3, 4]);
        assert_eq!(left(&selection(&[], &[], &["docker/small"])), [1, 4]);
        assert_eq!(left(&selection(&[], &[], &["acme/docker/small"])), [1]);
        let id = id(2).to_string();
        assert_eq!(
            left(&selection(&[], &[], &[&id, "acme/kube/small"])),
            [2, 3]
        );
    }

    #[test]
    fn names_may_hold_slashes() {
        let mut snapshot = world();
        snapshot.presets[0].name = "8 cores/16 GB".to_owned();
        for name in [
            "8 cores/16 GB",
            "docker/8 cores/16 GB",
            "acme/docker/8 cores/16 GB",
        ] {
            let kept = select(snapshot.clone(), &selection(&[], &[], &[name])).unwrap();
            assert_eq!(kept.presets.len(), 1, "{name}");
        }
    }

    #[test]
    fn rows_go_with_their_presets() {
        let kept = select(world(), &selection(&[], &[], &["acme/docker/small"])).unwrap();
        let Snapshot {
            running,
            in_progress,
            schedules,
            pending,
            backoffs,
            hard_limited,
            ..
        } = kept;
        assert_eq!(
            running.iter().map(|row| row.id).collect::<Vec<_>>(),
            [id(11)]
        );
        assert_eq!(in_progress[0].preset_id, Some(id(1)));
        let sizes = [
            in_progress.len(),
            schedules.len(),
            pending.len(),
            backoffs.len(),
        ];
        assert_eq!((sizes, hard_limited.len()), ([1; 4], 1));
    }

    #[test]
    fn rows_of_no_known_preset_stay_with_their_template_unless_presets_are_named() {
        let kept = select(world(), &selection(&[], &["acme/docker"], &[])).unwrap();
        let ids: Vec<_> = kept.running.iter().map(|row| row.id.as_u128()).collect();
        assert_eq!(ids, [11, 31, 12, 32]);
    }

    #[test]
    fn a_name_that_fits_nothing_is_an_error_with_the_likeliest_names() {
        let error = select(world(), &selection(&[], &["dcoker"], &[])).unwrap_err();
        assert_eq!((error.flag, error.value.as_str()), ("--template", "dcoker"));
        assert_eq!(error.known, ["acme/docker", "other/docker", "acme/kube"]);
        assert_eq!(
            error.to_string(),
            "--template \"dcoker\" names nothing in the snapshot; known are, among others: \
             \"acme/docker\", \"other/docker\", \"acme/kube\""
        );
        let error = select(world(), &selection(&["Acme"], &[], &[])).unwrap_err();
        assert_eq!(
            (error.flag, error.known),
            ("--organization", vec!["acme".into(), "other".into()])
        );
        let error = select(snapshot(vec![]), &selection(&[], &[], &["\u{202e}"])).unwrap_err();
        assert_eq!(
            error.to_string(),
            "--preset \"\\u{202e}\" names nothing in the snapshot; it holds no preset at all"
        );
    }

    #[test]
    fn at_most_five_names_are_suggested() {
        let presets = (1..=9).map(|n| preset(n, 1)).collect();
        let error = select(snapshot(presets), &selection(&[], &[], &["preset-0"])).unwrap_err();
        assert_eq!(error.known.len(), 5);
    }
}

//! What names stand for, and what a selection keeps.

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
    let suggestions = ["acme/docker", "other/docker", "acme/kube"];
    assert_eq!(error.suggestions, suggestions);
    assert_eq!(
        error.to_string(),
        "template \"dcoker\" names nothing in the snapshot; known are, among others: \
         \"acme/docker\", \"other/docker\", \"acme/kube\""
    );
    let error = select(world(), &selection(&["Acme"], &[], &[])).unwrap_err();
    assert_eq!(
        (error.kind, error.suggestions),
        (Kind::Organization, vec!["acme".into(), "other".into()])
    );
    let error = select(snapshot(vec![]), &selection(&[], &[], &["\u{202e}"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "preset \"\\u{202e}\" names nothing in the snapshot; there is none at all"
    );
}

#[test]
fn at_most_five_names_are_suggested() {
    let presets = (1..=9).map(|n| preset(n, 1)).collect();
    let error = select(snapshot(presets), &selection(&[], &[], &["preset-0"])).unwrap_err();
    assert_eq!(error.suggestions.len(), 5);
}

#[test]
fn a_pattern_keeps_every_preset_that_it_fits_part_by_part() {
    assert_eq!(left(&selection(&[], &[], &["sm*"])), [1, 3, 4]);
    assert_eq!(left(&selection(&[], &[], &["dock??/*"])), [1, 2, 4]);
    assert_eq!(left(&selection(&[], &[], &["acme/*/small"])), [1, 3]);
    assert_eq!(left(&selection(&[], &["acme/*"], &[])), [1, 2, 3]);
    assert_eq!(left(&selection(&["o*"], &[], &[])), [4]);
    let error = select(world(), &selection(&[], &[], &["x*"])).unwrap_err();
    assert_eq!((error.kind, error.name.as_str()), (Kind::Preset, "x*"));
}

#[test]
fn the_likeliest_names_are_whole_and_a_name_of_another_kind_is_told() {
    let error = select(world(), &selection(&[], &[], &["kube/smal"])).unwrap_err();
    assert_eq!(error.suggestions[0], "acme/kube/small");
    let error = select(world(), &selection(&[], &[], &["docker"])).unwrap_err();
    let told = "; for the template of this name there is --template";
    assert!(error.to_string().ends_with(told), "{error}");
}

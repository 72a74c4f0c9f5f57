//! What the changes do, refuse and say.

use chrono::TimeDelta;

use super::*;
use crate::actions::testing::*;
use crate::model::{JobStatus, Preset, Scaled, Transition};

/// acme/docker with small and large in v1, which is active, and small in v2; other/docker with
/// small in v1.
fn world() -> Snapshot {
    let places = [
        (1, "acme", "v1", "small"),
        (2, "acme", "v1", "large"),
        (3, "acme", "v2", "small"),
        (4, "other", "v1", "small"),
    ];
    let presets = places.map(|(n, organization, version, name)| {
        let preset = preset(n, 2);
        Preset {
            name: name.to_owned(),
            organization_name: organization.to_owned(),
            template_id: id(if organization == "acme" { 100 } else { 200 }),
            template_version_id: id(match (organization, version) {
                ("acme", "v1") => 101,
                ("acme", _) => 102,
                _ => 201,
            }),
            template_version_name: version.to_owned(),
            using_active_version: version == "v1",
            ..preset
        }
    });
    let mut snapshot = snapshot(presets.to_vec());
    snapshot.sort();
    snapshot
}

fn the(snapshot: &Snapshot, n: u128) -> Preset {
    let preset = snapshot.presets.iter().find(|preset| preset.id == id(n));
    preset.unwrap().clone()
}

fn overrides(promotions: &[(&str, &str)], desired: &[(&str, i64)]) -> Overrides {
    Overrides {
        promotions: promotions
            .iter()
            .map(|(template, version)| Promotion {
                template: (*template).to_owned(),
                version: (*version).to_owned(),
            })
            .collect(),
        desired: desired
            .iter()
            .map(|(preset, desired)| SetDesired {
                preset: (*preset).to_owned(),
                desired: *desired,
            })
            .collect(),
    }
}

/// Makes the changes in the facts that the snapshot's presets stand for.
fn change(snapshot: &mut Snapshot, overrides: &Overrides) -> Result<Changes, WhatIfError> {
    let mut facts = Facts {
        presets: snapshot.presets.clone(),
        ..Facts::default()
    };
    let changes = change_facts(&mut facts, WhatIfFacts::default(), overrides)?;
    snapshot.presets = facts.presets;
    Ok(changes)
}

fn refused(promotions: &[(&str, &str)], desired: &[(&str, i64)]) -> String {
    let error = change(&mut world(), &overrides(promotions, desired)).unwrap_err();
    error.to_string()
}

/// The plan at noon of the world that `fill` has filled, after the changes.
fn annotated(
    fill: impl Fn(&mut Snapshot),
    overrides: &Overrides,
    build_times: &[BuildTime],
) -> (Plan, Vec<BelowTarget>) {
    let mut snapshot = world();
    fill(&mut snapshot);
    let mut changes = change(&mut snapshot, overrides).unwrap();
    changes.build_times = build_times.to_vec();
    let mut plan = plan_checked(&snapshot);
    let below = annotate(&mut plan, &snapshot, &changes);
    (plan, below)
}

/// A build of the preset that took so long and was asked for so many minutes before noon.
fn build_time(preset: &str, seconds: i64, minutes: i64) -> BuildTime {
    let created_at = at(NOON) - TimeDelta::minutes(minutes);
    BuildTime {
        template_id: id(100),
        preset_name: Some(preset.to_owned()),
        created_at,
        ready_at: created_at + TimeDelta::seconds(seconds),
    }
}

fn message(plan: &Plan, n: u128, code: &str) -> Option<String> {
    let entry = plan.presets.iter().find(|e| e.preset.id == id(n)).unwrap();
    let diagnostic = entry.diagnostics.iter().find(|it| it.code == code)?;
    Some(diagnostic.message.clone())
}

#[test]
fn a_version_is_named_by_name_or_id_and_its_template_by_as_much_as_is_needed() {
    for (template, version) in [
        ("acme/docker", "v2".to_owned()),
        ("acme/docker", id(102).to_string()),
    ] {
        let mut snapshot = world();
        let changes = change(&mut snapshot, &overrides(&[(template, &version)], &[]));
        assert_eq!(changes.unwrap().promoted[0].id, id(102));
        let active: Vec<_> = snapshot
            .presets
            .iter()
            .filter(|preset| preset.using_active_version)
            .map(|preset| preset.id.as_u128())
            .collect();
        assert_eq!(active, [3, 4]);
    }
}

#[test]
fn promotions_that_can_not_be_are_refused_with_what_is_known() {
    assert_eq!(
        refused(&[("dcoker", "v2")], &[]),
        "template \"dcoker\" names nothing in the snapshot; known are, among others: \
         \"acme/docker\", \"other/docker\""
    );
    assert_eq!(
        refused(&[("docker", "v2")], &[]),
        "template \"docker\" is ambiguous; it is one of: \"acme/docker\", \"other/docker\"; give more \
         of the name"
    );
    assert_eq!(
        refused(&[("acme/docker", "v3\u{1b}")], &[]),
        "template \"acme/docker\" has no version \"v3\\u{1b}\"; known are, among others: \"v1\", \"v2\""
    );
    assert_eq!(
        refused(&[("acme/docker", "v2"), ("acme/docker", "v1")], &[]),
        "the command line names \"acme/docker\" twice; once is enough"
    );
}

#[test]
fn promoting_the_active_version_changes_nothing_and_says_so() {
    let mut snapshot = world();
    let changes = change(&mut snapshot, &overrides(&[("acme/docker", "v1")], &[])).unwrap();
    assert_eq!((changes.promoted.len(), snapshot), (0, world()));
    assert_eq!(
        changes.warnings[0],
        "--promote changes nothing for \"acme/docker\": version \"v1\" is the active one already"
    );
}

#[test]
fn a_deleted_template_has_no_versions_to_promote() {
    let mut snapshot = world();
    for preset in &mut snapshot.presets {
        preset.deleted = preset.organization_name == "acme";
    }
    let error = change(&mut snapshot, &overrides(&[("acme/docker", "v2")], &[]));
    let error = error.unwrap_err().to_string();
    assert!(error.contains("among others: \"other/docker\""), "{error}");
}

#[test]
fn a_snapshot_says_what_it_does_not_show_of_a_number() {
    let mut snapshot = world();
    let (small, large) = (the(&snapshot, 1), the(&snapshot, 2));
    snapshot.backoffs = vec![backoff(&small, 1, NOON)];
    snapshot.leftovers = vec![leftover(60, &large, Some(JobStatus::Failed))];
    let desired = overrides(&[], &[("acme/docker/small", 3), ("large", 3)]).desired;
    let changes = change_snapshot(&mut snapshot, &desired).unwrap();
    let beginnings: Vec<_> = changes.warnings.iter().map(|it| &it[..68]).collect();
    assert_eq!(
        beginnings,
        [
            "a snapshot doesn't show whether \"acme/docker/small\" would back off w",
            "a snapshot doesn't show whether \"acme/docker/large\" would back off w",
            "a snapshot holds no build times, so it is unknown how long a pool wo",
        ]
    );
}

#[test]
fn a_number_goes_to_the_preset_in_use() {
    for (promotions, name, changed) in [
        (&[][..], "large", 2),
        (&[], "acme/docker/small", 1),
        (&[("acme/docker", "v2")][..], "acme/docker/small", 3),
    ] {
        let mut snapshot = world();
        change(&mut snapshot, &overrides(promotions, &[(name, 7)])).unwrap();
        let sevens: Vec<_> = snapshot
            .presets
            .iter()
            .filter(|preset| preset.desired_instances == 7)
            .map(|preset| preset.id.as_u128())
            .collect();
        assert_eq!(sevens, [changed], "{name}");
    }
}

#[test]
fn numbers_that_can_not_be_are_refused_with_what_is_known() {
    assert_eq!(
        refused(&[], &[("docker/small", 1)]),
        "preset \"docker/small\" is ambiguous; it is one of: \"acme/docker/small\", \
         \"other/docker/small\"; give more of the name"
    );
    assert_eq!(
        refused(&[], &[("smal\u{202e}", 1)]),
        "preset \"smal\\u{202e}\" names nothing in the snapshot; known are, among others: \
         \"acme/docker/small\", \"other/docker/small\", \"acme/docker/large\""
    );
    assert_eq!(
        refused(&[("acme/docker", "v2")], &[("large", 1)]),
        "\"large\" fits no preset in use, only \"acme/docker/large (v1)\": no pool \
         is kept for these, because their version is not the active one or their template is \
         deleted or deprecated"
    );
    assert_eq!(
        refused(&[], &[("large", 1), ("docker/large", 1)]),
        "the command line names \"acme/docker/large\" twice; once is enough"
    );
}

#[test]
fn a_schedule_that_decides_overrides_the_number_and_says_so() {
    let fill = |cron: &'static str| {
        move |snapshot: &mut Snapshot| {
            for preset in &mut snapshot.presets {
                preset.scheduling_timezone = "UTC".to_owned();
            }
            let large = the(snapshot, 2);
            snapshot.schedules.push(schedule(50, &large, cron, 4));
        }
    };
    let code = "set_desired_overridden";
    let (plan, _) = annotated(fill("* 12 * * *"), &overrides(&[], &[("large", 1)]), &[]);
    assert_eq!(
        message(&plan, 2, code).unwrap(),
        "schedule 00000000-0000-0000-0000-000000000032 (\"* 12 * * *\") overrides --set-desired \
         at this time: 4 desired, not 1"
    );
    let (plan, _) = annotated(fill("* 13 * * *"), &overrides(&[], &[("large", 1)]), &[]);
    assert_eq!(message(&plan, 2, code), None);
    let scale = |snapshot: &mut Snapshot| {
        fill("* 12 * * *")(snapshot);
        let large = snapshot.presets.iter_mut().find(|it| it.id == id(2));
        large.unwrap().scaled = Some(Scaled {
            desired_instances: 2,
            until: at("2026-03-04T12:00:01Z"),
        });
    };
    let (scaled, _) = annotated(scale, &overrides(&[], &[("large", 1)]), &[]);
    assert_eq!(
        message(&scaled, 2, code).unwrap(),
        "scale until 2026-03-04 12:00:01 UTC overrides --set-desired at this time: 2 desired, not 1"
    );
    let large = plan.presets.iter().find(|e| e.preset.id == id(2)).unwrap();
    assert_eq!(large.state.desired, 1);
}

#[test]
fn a_promoted_pool_is_empty_for_as_long_as_builds_of_any_version_took() {
    let fill = |snapshot: &mut Snapshot| {
        let old = the(snapshot, 1);
        snapshot.running = vec![running(20, &old, NOON), running(21, &old, NOON)];
    };
    let builds = [
        build_time("small", 100, 1),
        build_time("small", 280, 2),
        build_time("small", 245, 3),
        build_time("large", 9_999, 1),
    ];
    let (plan, below) = annotated(fill, &overrides(&[("acme/docker", "v2")], &[]), &builds);
    assert_eq!((plan.summary.delete, plan.summary.create), (2, 4));
    assert_eq!(
        message(&plan, 3, "below_target").unwrap(),
        "runs below its target for about 4m: 0 of 2 ready until the new ones are built (median \
         of 3 builds lately)"
    );
    let presets: Vec<_> = below.iter().map(|pool| pool.preset.to_string()).collect();
    assert_eq!(presets, ["acme/docker/small", "other/docker/small"]);
    assert_eq!(
        below[1].headline,
        "runs below its target for an unknown time"
    );
}

#[test]
fn a_pool_without_builds_is_judged_by_its_template_and_old_builds_do_not_count() {
    let recent = (0..50).map(|n| build_time("small", 60 + n % 2 * 20, n));
    let old = (0..60).map(|n| build_time("small", 9_999, 100 + n));
    let builds: Vec<_> = recent.chain(old).collect();
    let (plan, _) = annotated(|_| (), &overrides(&[], &[("large", 3)]), &builds);
    let text = |n| message(&plan, n, "below_target").unwrap();
    assert_eq!(
        text(2),
        "runs below its target for about 1m 10s: 0 of 3 ready until the new ones are built \
         (median of 50 builds of the template lately)"
    );
    assert!(
        text(1).ends_with("(median of 50 builds lately)"),
        "{}",
        text(1)
    );
    assert_eq!(
        text(4),
        "runs below its target for an unknown time: 0 of 2 ready until the new ones are built \
         (no build times are known)"
    );
}

#[test]
fn what_a_pool_waits_for_is_shown() {
    let builds = [build_time("large", 2, 1)];
    let wait = |fill: &dyn Fn(&mut Snapshot, &Preset)| {
        let fill = |snapshot: &mut Snapshot| {
            let large = the(snapshot, 2);
            fill(snapshot, &large);
        };
        let (plan, below) = annotated(fill, &overrides(&[], &[("large", 2)]), &builds);
        let pool = below.into_iter().find(|pool| pool.preset.id == id(2));
        pool.map(|_| message(&plan, 2, "below_target").unwrap())
    };
    let expect = |text: &str| Some(format!("runs below its target {text}"));
    assert_eq!(
        wait(&|snapshot, large| {
            snapshot.running = vec![running(20, large, NOON)];
            snapshot.in_progress = vec![in_progress(large, Transition::Start, 1)];
        }),
        expect(
            "for about 2s: 1 of 2 ready until the new ones are built (median of 1 build lately)"
        )
    );
    assert_eq!(
        wait(&|snapshot, large| snapshot.backoffs = vec![backoff(large, 1, NOON)]),
        expect(
            "until 2026-03-04T12:01:00Z and for about 2s: 0 of 2 ready until the new ones are \
             built (median of 1 build lately)"
        )
    );
    assert_eq!(
        wait(&|snapshot, large| snapshot.hard_limited = vec![hard_limited(large)]),
        expect("for as long as creating is blocked: 0 of 2 ready and no new ones are made")
    );
    assert_eq!(
        wait(&|snapshot, large| {
            snapshot.running = vec![running(20, large, NOON), running(21, large, NOON)];
            snapshot.running[1].ready = false;
        }),
        expect("for an unknown time: 1 of 2 ready until the agents of the others are")
    );
    assert_eq!(
        wait(&|snapshot, _| snapshot.reconciliation_paused = true),
        expect(
            "until reconciliation is resumed, then for about 2s: 0 of 2 ready until the new ones \
             are built (median of 1 build lately)"
        )
    );
    let full = |snapshot: &mut Snapshot, large: &Preset| {
        snapshot.running = vec![running(20, large, NOON), running(21, large, NOON)];
    };
    assert_eq!(wait(&full), None);
}

#[test]
fn clocks_that_disagree_make_no_negative_time() {
    let builds = [build_time("large", -600, 1)];
    let (plan, _) = annotated(|_| (), &overrides(&[], &[("large", 1)]), &builds);
    let text = message(&plan, 2, "below_target").unwrap();
    assert!(
        text.starts_with("runs below its target for about 1s:"),
        "{text}"
    );
}

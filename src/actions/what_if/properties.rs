//! What holds of promotions and desired instances whatever is in the database.

use chrono::TimeDelta;
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::actions::testing::*;
use crate::actions::{self, check};
use crate::model::facts::{LatestBuild, Prebuild, UnfinishedBuild};
use crate::model::pause::Pause;
use crate::model::settings::Tuning;
use crate::model::{JobStatus, PREBUILDS_USER_ID, Preset, PresetPlan, Schedule, Transition};

const TUNED: Tuning = Tuning {
    failure_hard_limit: 2,
    ..TUNING
};

/// Template 1 has versions 0, 1 and 2, template 2 has version 3.
const VERSIONS: u128 = 4;

fn template_of(version: u128) -> Uuid {
    id(if version < 3 { 1 } else { 2 })
}

fn version_id(version: u128) -> Uuid {
    id(100 + version)
}

/// The rows of a database, whichever version of template 1 is the active one.
#[derive(Clone, Debug)]
struct Rows {
    /// With its version, one or two for each.
    presets: Vec<(u128, Preset)>,
    schedules: Vec<Schedule>,
    builds: Vec<Build>,
}

/// The latest build of a workspace.
#[derive(Clone, Debug)]
struct Build {
    version: u128,
    /// Template of the workspace: not always the version's.
    template: Uuid,
    preset: Option<Uuid>,
    transition: Transition,
    status: JobStatus,
    is_first: bool,
    is_untouched: bool,
    by_prebuilds_user: bool,
    ready: bool,
    age: i64,
}

impl Rows {
    /// What would be read, were `active` the active version of template 1.
    fn facts(&self, active: u128) -> Facts {
        let is_active = |version: u128| version == active || version == 3;
        let active_of = |template: Uuid| version_id(if template == id(1) { active } else { 3 });
        let presets = self.presets.iter().map(|(version, preset)| Preset {
            using_active_version: is_active(*version),
            ..preset.clone()
        });
        let numbered = || (1_000..).map(id).zip(&self.builds);
        let prebuilds = numbered().map(|(workspace, build)| Prebuild {
            id: workspace,
            name: "prebuild".to_owned(),
            template_id: build.template,
            created_at: at(NOON) - TimeDelta::minutes(build.age),
            preset_id: build.preset,
            latest_build: Some(LatestBuild {
                id: workspace,
                template_version_id: version_id(build.version),
                preset_id: build.preset,
                transition: build.transition,
                job_status: build.status,
                created_at: at(NOON) - TimeDelta::minutes(build.age),
                initiator_id: build.initiator(),
                on_active_version: is_active(build.version),
                template_deleted: false,
                ready: build.ready,
                out_of_contact_since: None,
                ended_at: None,
            }),
        });
        let unfinished = numbered()
            .filter(|(_, build)| build.by_prebuilds_user && build.is_unfinished())
            .map(|(job_id, build)| UnfinishedBuild {
                job_id,
                template_id: Some(template_of(build.version)),
                workspace_template_id: build.template,
                template_version_id: version_id(build.version),
                preset_id: build.preset,
                transition: build.transition,
                is_first: build.is_first,
                is_latest: true,
                is_untouched: build.is_untouched && build.status == JobStatus::Pending,
                is_live: true,
                is_prebuild: true,
                on_active_version: is_active(build.version),
                on_active_version_of_workspace: active_of(build.template)
                    == version_id(build.version),
            });
        Facts {
            pause: Pause::default(),
            presets: presets.collect(),
            schedules: self.schedules.clone(),
            prebuilds: prebuilds.collect(),
            unfinished: unfinished.collect(),
            claimed: Vec::new(),
        }
    }

    /// What a promotion needs besides.
    fn what_if() -> WhatIfFacts {
        WhatIfFacts {
            versions: (0..3)
                .map(|n| TemplateVersion {
                    id: version_id(n),
                    name: format!("v{n}"),
                    template_id: id(1),
                    template_name: "docker".to_owned(),
                    organization_name: "acme".to_owned(),
                    is_active: false,
                })
                .collect(),
            build_times: Vec::new(),
        }
    }
}

impl Build {
    fn initiator(&self) -> Uuid {
        if self.by_prebuilds_user {
            PREBUILDS_USER_ID
        } else {
            id(7)
        }
    }

    fn is_unfinished(&self) -> bool {
        matches!(self.status, JobStatus::Pending | JobStatus::Running)
    }
}

fn a_build(tame: bool) -> impl Strategy<Value = Build> {
    let status = prop::sample::select(if tame {
        vec![JobStatus::Pending, JobStatus::Running, JobStatus::Succeeded]
    } else {
        vec![
            JobStatus::Pending,
            JobStatus::Running,
            JobStatus::Succeeded,
            JobStatus::Failed,
            JobStatus::Canceling,
            JobStatus::Canceled,
        ]
    });
    let transition = prop_oneof![
        6 => Just(Transition::Start),
        1 => Just(Transition::Stop),
        1 => Just(Transition::Delete),
    ];
    let odd = if tame { 0.0 } else { 0.15 };
    let flags = (
        any::<[bool; 3]>(),
        prop::bool::weighted(odd),
        prop::bool::weighted(odd),
        prop::bool::weighted(odd),
    );
    (0..VERSIONS, 0..2u128, transition, status, flags, 0..100i64).prop_map(
        |(version, preset, transition, status, (flags, foreign, elsewhere, without), age)| {
            let [is_first, is_untouched, ready] = flags;
            Build {
                version,
                template: if elsewhere {
                    id(2)
                } else {
                    template_of(version)
                },
                preset: (!without).then(|| id(10 * version + preset + 10)),
                transition,
                status,
                is_first,
                is_untouched,
                by_prebuilds_user: !foreign,
                ready,
                age,
            }
        },
    )
}

/// Two presets for each version but the last of template 1, which has one.
fn rows(tame: bool) -> impl Strategy<Value = Rows> {
    let builds = prop::collection::vec(a_build(tame), 0..24);
    let numbers = prop::collection::vec((0..4i64, prop::option::of(0..4i64)), 7);
    (builds, numbers).prop_map(move |(builds, numbers)| {
        let places = (0..VERSIONS).flat_map(|v| (0..2u128).map(move |n| (v, n)));
        let places = places.filter(|place| *place != (2, 1));
        let (mut presets, mut schedules) = (Vec::new(), Vec::new());
        for ((version, n), (desired, scheduled)) in places.zip(numbers) {
            let preset = Preset {
                name: format!("pool-{n}"),
                template_id: template_of(version),
                template_name: if version < 3 { "docker" } else { "kube" }.to_owned(),
                template_version_id: version_id(version),
                template_version_name: format!("v{version}"),
                scheduling_timezone: "UTC".to_owned(),
                ttl_secs: Some(3600),
                ..preset(10 * version + n + 10, desired)
            };
            if let Some(desired) = scheduled.filter(|_| !tame) {
                let number = 500 + 10 * version + n;
                schedules.push(schedule(number, &preset, "* 12 * * *", desired));
            }
            presets.push((version, preset));
        }
        Rows {
            presets,
            schedules,
            builds,
        }
    })
}

fn promote(version: u128) -> Overrides {
    Overrides {
        promotions: vec![Promotion {
            template: "acme/docker".to_owned(),
            version: format!("v{version}"),
        }],
        desired: Vec::new(),
    }
}

fn entries(snapshot: &Snapshot) -> Vec<PresetPlan> {
    let plan = actions::plan(snapshot, &TUNED, at(NOON));
    assert_eq!(check::check(&plan, snapshot), Ok(()));
    plan.presets
}

proptest! {
    #[test]
    fn promoting_in_facts_is_the_same_as_promoting_in_the_database(
        rows in rows(false), before in 0..3u128, step in 1..3u128,
    ) {
        let after = (before + step) % 3;
        let mut facts = rows.facts(before);
        let changes = change_facts(&mut facts, Rows::what_if(), &promote(after)).unwrap();
        let promoted: Vec<Uuid> = changes.promoted.iter().map(|it| it.id).collect();
        prop_assert_eq!(promoted, [version_id(after)]);
        let snapshot = facts.into_snapshot(at(NOON), &TUNED);
        let real = rows.facts(after).into_snapshot(at(NOON), &TUNED);
        prop_assert_eq!(&snapshot, &real);
        prop_assert_eq!(entries(&snapshot), entries(&real));
    }

    #[test]
    fn a_number_is_the_only_thing_that_setting_it_changes(
        rows in rows(true), active in 0..3u128, desired in 0..9i64,
    ) {
        let preset = id(10 * active + 10);
        let overrides = Overrides {
            promotions: Vec::new(),
            desired: vec![SetDesired { preset: preset.to_string(), desired }],
        };
        let mut facts = rows.facts(active);
        change_facts(&mut facts, WhatIfFacts::default(), &overrides).unwrap();
        let before = rows.facts(active).into_snapshot(at(NOON), &TUNED);
        let after = facts.into_snapshot(at(NOON), &TUNED);
        for (before, after) in entries(&before).into_iter().zip(entries(&after)) {
            if after.preset.id == preset {
                prop_assert_eq!(after.state.desired, desired);
            } else {
                prop_assert_eq!(before, after);
            }
        }
    }
}

//! Which workspaces are selected, state by state.

use uuid::Uuid;

use super::*;
use crate::model::PREBUILDS_USER_ID;
use crate::model::facts::LatestBuild;

fn now() -> Time {
    time::parse("2026-03-04T12:00:00Z").unwrap()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// A workspace of preset 1, built an hour ago.
fn prebuild(number: u128, build: Option<(Transition, JobStatus)>) -> Prebuild {
    let then = now() - TimeDelta::hours(1);
    Prebuild {
        id: id(number),
        name: format!("prebuild-{number}"),
        template_id: id(100),
        created_at: then - TimeDelta::hours(1),
        preset_id: Some(id(1)),
        latest_build: build.map(|(transition, job_status)| LatestBuild {
            id: id(1000 + number),
            template_version_id: id(200),
            preset_id: Some(id(1)),
            transition,
            job_status,
            created_at: then,
            initiator_id: PREBUILDS_USER_ID,
            on_active_version: true,
            template_deleted: false,
            ready: true,
            out_of_contact_since: None,
            ended_at: Some(then),
        }),
    }
}

fn catalogue() -> Catalogue {
    let template = TemplateEntry {
        name: "web".to_owned(),
        organization_name: "acme".to_owned(),
        active_version_id: id(201),
    };
    Catalogue {
        templates: BTreeMap::from([(id(100), template)]),
        presets: BTreeMap::from([(id(1), "pool".to_owned())]),
    }
}

fn selected(prebuilds: Vec<Prebuild>, criteria: &Criteria) -> Vec<(u128, LeftoverState)> {
    let facts = Facts {
        prebuilds,
        ..Facts::default()
    };
    let found = select(&facts, &catalogue(), criteria, now()).unwrap();
    found.iter().map(|it| (it.id.as_u128(), it.state)).collect()
}

fn of(states: &[LeftoverState]) -> Criteria {
    Criteria {
        states: states.to_vec(),
        ..Criteria::default()
    }
}

const TRANSITIONS: [Transition; 3] = [Transition::Start, Transition::Stop, Transition::Delete];
const ACTIVE: [JobStatus; 3] = [JobStatus::Pending, JobStatus::Running, JobStatus::Canceling];

#[test]
fn what_a_provisioner_works_on_is_never_selected() {
    let all = of(&LeftoverState::ALL);
    for transition in TRANSITIONS {
        for status in ACTIVE {
            assert_eq!(
                selected(vec![prebuild(5, Some((transition, status)))], &all),
                []
            );
        }
    }
}

#[test]
fn everything_else_but_the_running_is_a_leftover_of_one_state() {
    let ended = [JobStatus::Succeeded, JobStatus::Failed, JobStatus::Canceled];
    for transition in TRANSITIONS {
        for status in ended {
            let expected = match (transition, status) {
                (Transition::Start, JobStatus::Succeeded) => vec![],
                (Transition::Delete, _) => vec![(5, LeftoverState::FailedDelete)],
                (Transition::Stop, JobStatus::Succeeded) => vec![(5, LeftoverState::Stopped)],
                (_, JobStatus::Failed) => vec![(5, LeftoverState::Failed)],
                _ => vec![(5, LeftoverState::Cancelled)],
            };
            let one = vec![prebuild(5, Some((transition, status)))];
            assert_eq!(selected(one.clone(), &Criteria::default()), expected);
            let by_state = LeftoverState::usual()
                .flat_map(|state| selected(one.clone(), &of(&[state])))
                .collect::<Vec<_>>();
            assert_eq!(by_state, expected);
        }
    }
    assert_eq!(
        selected(vec![prebuild(5, None)], &Criteria::default()),
        [(5, LeftoverState::WithoutBuild)]
    );
}

#[test]
fn agents_are_stuck_after_half_an_hour_or_as_long_as_is_said() {
    let mut stuck = prebuild(5, Some((Transition::Start, JobStatus::Succeeded)));
    let criteria = |older_than| Criteria {
        older_than,
        ..of(&[LeftoverState::StuckAgents])
    };
    assert_eq!(selected(vec![stuck.clone()], &criteria(None)), []);
    let latest = stuck.latest_build.as_mut().unwrap();
    latest.ready = false;
    for (minutes, found) in [(None, true), (Some(59), true), (Some(60), false)] {
        let limit = minutes.map(TimeDelta::minutes);
        assert_eq!(
            selected(vec![stuck.clone()], &criteria(limit)).len(),
            usize::from(found)
        );
    }
    // However long the build has waited for a provisioner.
    stuck.latest_build.as_mut().unwrap().ended_at = Some(now() - AGENT_TOLERANCE);
    assert_eq!(selected(vec![stuck], &criteria(None)), []);
}

#[test]
fn the_own_state_goes_before_the_missing_pool_and_the_oldest_before_the_others() {
    let mut old = prebuild(9, Some((Transition::Start, JobStatus::Failed)));
    old.latest_build.as_mut().unwrap().created_at = now() - TimeDelta::days(9);
    let running = prebuild(5, Some((Transition::Start, JobStatus::Succeeded)));
    let states = of(&[LeftoverState::WithoutPreset, LeftoverState::Failed]);
    assert_eq!(
        selected(vec![running, old], &states),
        [
            (9, LeftoverState::Failed),
            (5, LeftoverState::WithoutPreset)
        ]
    );
}

#[test]
fn names_are_those_of_live_workspaces_too() {
    let named = |preset: &str| Criteria {
        selection: Selection {
            presets: vec![preset.to_owned()],
            ..Selection::default()
        },
        ..Criteria::default()
    };
    let failed = vec![prebuild(5, Some((Transition::Start, JobStatus::Failed)))];
    assert_eq!(selected(failed.clone(), &named("acme/web/pool")).len(), 1);
    let facts = Facts {
        prebuilds: failed,
        ..Facts::default()
    };
    let error = select(&facts, &catalogue(), &named("pol"), now()).unwrap_err();
    assert_eq!(error.suggestions, ["acme/web/pool"]);
}

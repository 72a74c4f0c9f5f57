//! Small values for the tests of this module. Everything is healthy, empty and
//! desired zero times unless a test says otherwise.

use chrono::TimeDelta;
use uuid::Uuid;

use crate::model::settings::Tuning;
use crate::model::{
    Backoff, ClaimedWorkspace, FormatVersion, HardLimited, InProgress, JobStatus, Leftover,
    Pending, Plan, PrebuildStatus, Preset, PresetPlan, RunningPrebuild, Schedule, Snapshot, Time,
    Transition, time,
};

pub(crate) const TUNING: Tuning = Tuning {
    backoff_interval: TimeDelta::minutes(1),
    backoff_lookback: TimeDelta::hours(1),
    failure_hard_limit: 3,
};

/// Wednesday noon.
pub(crate) const NOON: &str = "2026-03-04T12:00:00Z";

pub(crate) fn at(text: &str) -> Time {
    time::parse(text).unwrap()
}

pub(crate) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn preset(number: u128, desired: i64) -> Preset {
    Preset {
        id: id(number),
        name: format!("preset-{number}"),
        organization_id: id(9_001),
        organization_name: "acme".to_owned(),
        template_id: id(9_002),
        template_name: "docker".to_owned(),
        template_version_id: id(9_003),
        template_version_name: "v1".to_owned(),
        using_active_version: true,
        deleted: false,
        deprecated: false,
        desired_instances: desired,
        ttl_secs: None,
        scheduling_timezone: String::new(),
        prebuild_status: PrebuildStatus::Healthy,
        last_invalidated_at: None,
        scaled: None,
    }
}

pub(crate) fn snapshot(presets: Vec<Preset>) -> Snapshot {
    Snapshot {
        version: FormatVersion,
        taken_at: at(NOON),
        reconciliation_paused: false,
        presets,
        schedules: Vec::new(),
        running: Vec::new(),
        in_progress: Vec::new(),
        pending: Vec::new(),
        backoffs: Vec::new(),
        hard_limited: Vec::new(),
        leftovers: Vec::new(),
        claimed: Vec::new(),
    }
}

/// A workspace of ada's.
pub(crate) fn claimed(
    number: u128,
    transition: Transition,
    job_status: JobStatus,
) -> ClaimedWorkspace {
    ClaimedWorkspace {
        id: id(number),
        name: format!("w-{number}"),
        owner_id: id(9_004),
        owner_name: "ada".to_owned(),
        organization_name: "acme".to_owned(),
        template_id: id(9_002),
        template_name: "docker".to_owned(),
        template_version_id: id(9_003),
        template_version_name: "v1".to_owned(),
        build_id: id(number + 1_000),
        build_number: 2,
        job_id: id(number + 2_000),
        transition,
        job_status,
        is_claim: false,
        last_build_at: at(NOON),
        error: None,
        deadline: None,
        autostart_schedule: None,
        next_start_at: None,
    }
}

pub(crate) fn schedule(number: u128, preset: &Preset, cron: &str, desired: i64) -> Schedule {
    Schedule {
        id: id(number),
        preset_id: preset.id,
        cron_expression: cron.to_owned(),
        desired_instances: desired,
    }
}

/// A ready workspace.
pub(crate) fn running(number: u128, preset: &Preset, created_at: &str) -> RunningPrebuild {
    RunningPrebuild {
        id: id(number),
        name: format!("prebuild-{number}"),
        template_id: preset.template_id,
        template_version_id: preset.template_version_id,
        preset_id: Some(preset.id),
        ready: true,
        unready_since: None,
        out_of_contact_since: None,
        created_at: at(created_at),
    }
}

/// A workspace whose start has ended like that, or that has no build.
pub(crate) fn leftover(number: u128, preset: &Preset, job_status: Option<JobStatus>) -> Leftover {
    Leftover {
        id: id(number),
        name: format!("leftover-{number}"),
        template_id: preset.template_id,
        template_version_id: job_status.map(|_| preset.template_version_id),
        preset_id: Some(preset.id),
        transition: job_status.map(|_| Transition::Start),
        job_status,
        created_at: at(NOON),
        last_build_at: job_status.map(|_| at(NOON)),
    }
}

pub(crate) fn in_progress(preset: &Preset, transition: Transition, count: i64) -> InProgress {
    InProgress {
        template_id: preset.template_id,
        template_version_id: preset.template_version_id,
        preset_id: Some(preset.id),
        transition,
        count,
    }
}

pub(crate) fn pending(preset: &Preset, count: i64) -> Pending {
    Pending {
        preset_id: preset.id,
        count,
        transferred: 0,
    }
}

pub(crate) fn backoff(preset: &Preset, num_failed: i64, last_build_at: &str) -> Backoff {
    Backoff {
        template_version_id: preset.template_version_id,
        preset_id: preset.id,
        num_failed,
        last_build_at: at(last_build_at),
    }
}

pub(crate) fn hard_limited(preset: &Preset) -> HardLimited {
    HardLimited {
        template_version_id: preset.template_version_id,
        preset_id: preset.id,
    }
}

/// Plans at [`NOON`] and has the plan checked.
pub(crate) fn plan_checked(snapshot: &Snapshot) -> Plan {
    let plan = super::plan(snapshot, &TUNING, at(NOON));
    assert_eq!(super::check::check(&plan, snapshot), Ok(()));
    plan
}

/// The entry of a snapshot's only preset.
pub(crate) fn only(plan: Plan) -> PresetPlan {
    let [entry] = <[_; 1]>::try_from(plan.presets).unwrap();
    entry
}

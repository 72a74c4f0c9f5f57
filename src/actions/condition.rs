//! How each pool is, and when that changes.
//!
//! Pure: judges snapshots and their plans, one after another; the instant and the times of builds are arguments.
//! A pool is in one condition at a time, the one that stands longest in its way: a hard limit outlasts a
//! back-off, and a pool that can't be built is below its target as well.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use uuid::Uuid;

use super::what_if::impact::{BuildTime, median_time};
use crate::model::condition::{Change, Condition, PoolCondition};
use crate::model::text::{plural, span, time};
use crate::model::{Action, Block, Diagnostic, Plan, PrebuildStatus, PresetPlan, Snapshot, Time};

/// A pool that has been below its target for less than this is not reported.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);

/// What a build may take where none has ended yet: as long as coderd lets a job wait until it counts as lost.
const UNKNOWN: TimeDelta = TimeDelta::minutes(30);

/// The conditions of the pools in use. `plan` is the snapshot's own.
pub(crate) fn conditions(snapshot: &Snapshot, plan: &Plan) -> Vec<PoolCondition> {
    let entries = snapshot.presets.iter().zip(&plan.presets);
    let entries = entries.filter(|(preset, _)| preset.is_active());
    entries
        .map(|(preset, entry)| {
            let (condition, message) = condition(preset.prebuild_status, entry);
            PoolCondition {
                preset: entry.preset.clone(),
                template_id: preset.template_id,
                condition,
                message,
                ready: entry.state.eligible,
                desired: entry.state.desired,
            }
        })
        .collect()
}

fn condition(status: PrebuildStatus, entry: &PresetPlan) -> (Condition, String) {
    let message = |block: Block| format!("{}; {} {}", block.cause(), block.remedy(), entry.preset);
    if entry.hard_limited {
        return (Condition::HardLimited, message(Block::HardLimited));
    }
    if status == PrebuildStatus::ValidationFailed {
        let message = message(Block::ValidationFailed);
        return (Condition::ValidationFailed, message);
    }
    let rest = entry.actions.iter().find_map(|action| match action {
        Action::Backoff { until, failed } => Some((until, failed)),
        _ => None,
    });
    match rest {
        Some((until, failed)) => {
            let (builds, until) = (plural(*failed, "build"), time(until));
            let message = format!("{builds} failed lately; passes leave it alone until {until}");
            (Condition::BackingOff, message)
        }
        None => (Condition::Healthy, String::new()),
    }
}

/// What is known of a pool from the passes before.
#[derive(Debug)]
struct Known {
    condition: Condition,
    /// Since when it has been below its target with nothing known in its way, if it is.
    below_since: Option<Time>,
}

/// What is known from the passes before.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    pools: BTreeMap<Uuid, Known>,
}

/// What is read only when a pool is below its target for a while.
#[derive(Debug, Default)]
pub(crate) struct Circumstances {
    /// How long builds took lately.
    pub build_times: Vec<BuildTime>,
    /// What waiting jobs wait for that isn't there, by preset.
    pub in_vain: Vec<(Uuid, Diagnostic)>,
}

impl Watch {
    /// Whether it has to be known why a pool is below its target.
    pub(crate) fn needs_circumstances(&self, pools: &[PoolCondition], now: Time) -> bool {
        pools.iter().any(|pool| {
            let known = self.pools.get(&pool.preset.id);
            let since = known.and_then(|known| known.below_since);
            let lasted = since.map(|since| now.signed_duration_since(since));
            pool.condition == Condition::Healthy
                && pool.is_below_target()
                && lasted.is_some_and(|lasted| lasted >= SHORTEST)
        })
    }

    /// Notes what a pass has found at `now`, and returns what is different from the pass before.
    pub(crate) fn observe(
        &mut self,
        pools: Vec<PoolCondition>,
        circumstances: &Circumstances,
        now: Time,
    ) -> Vec<Change> {
        let present: BTreeSet<Uuid> = pools.iter().map(|pool| pool.preset.id).collect();
        self.pools.retain(|id, _| present.contains(id));
        let mut changes = Vec::new();
        for pool in pools {
            let id = pool.preset.id;
            let known = self.pools.get(&id);
            let is_only_below = pool.condition == Condition::Healthy && pool.is_below_target();
            let since = known.and_then(|it| it.below_since);
            let below_since = is_only_below.then(|| since.unwrap_or(now));
            let (condition, message) = match pool.condition {
                Condition::Healthy => {
                    let before = known.map(|known| known.condition);
                    below(&pool, before, circumstances, below_since, now)
                }
                other => (other, pool.message),
            };
            let known = Known {
                condition,
                below_since,
            };
            let before = self.pools.insert(id, known).map(|known| known.condition);
            if before != Some(condition) {
                changes.push(Change {
                    preset: pool.preset,
                    before,
                    condition,
                    message,
                });
            }
        }
        changes
    }
}

/// The condition of a pool that nothing is known against but, perhaps, that it is below its target.
fn below(
    pool: &PoolCondition,
    before: Option<Condition>,
    circumstances: &Circumstances,
    since: Option<Time>,
    now: Time,
) -> (Condition, String) {
    let (ready, desired) = (pool.ready, pool.desired);
    let lasted = since.map_or(TimeDelta::zero(), |since| now.signed_duration_since(since));
    let mut in_vain = circumstances.in_vain.iter();
    let in_vain = in_vain.find(|(id, _)| *id == pool.preset.id);
    if let Some((_, found)) = in_vain.filter(|_| lasted >= SHORTEST) {
        return (Condition::NoProvisioner, found.message.clone());
    }
    let times = &circumstances.build_times;
    let usual = median_time(pool.template_id, &pool.preset.name, times);
    // Half as much again, since half of all builds take longer than the median.
    let patience = usual.map_or(UNKNOWN, |usual| (usual * 3 / 2).max(SHORTEST));
    if lasted > patience {
        let lasted = span(lasted);
        let message = format!(
            "{ready} of {desired} ready for {lasted}, which is longer than a build takes; prebuildctl doctor and \
             prebuildctl plan --explain say what is in the way"
        );
        return (Condition::BelowTarget, message);
    }
    match before {
        // What was in the way is gone, and only a full pool tells that it is for good.
        Some(before) if since.is_some() => (before, String::new()),
        _ => (
            Condition::Healthy,
            format!("{ready} of {desired} ready, nothing is in the way"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::plan;
    use crate::actions::testing::{NOON, TUNING, at, id, preset, running, snapshot};
    use crate::model::{Backoff, HardLimited};

    fn found(change: impl FnOnce(&mut Snapshot)) -> Vec<PoolCondition> {
        let mut snapshot = snapshot(vec![preset(1, 2)]);
        change(&mut snapshot);
        conditions(&snapshot, &plan(&snapshot, &TUNING, at(NOON)))
    }

    fn failed(snapshot: &mut Snapshot, limited: bool) {
        snapshot.backoffs.push(Backoff {
            template_version_id: id(9_003),
            preset_id: id(1),
            num_failed: 3,
            last_build_at: at(NOON),
        });
        if limited {
            snapshot.hard_limited.push(HardLimited {
                template_version_id: id(9_003),
                preset_id: id(1),
            });
        }
    }

    #[test]
    fn a_hard_limit_goes_before_the_back_off_that_stands_before_it() {
        let condition = |limited| found(|it| failed(it, limited))[0].clone();
        assert_eq!(condition(false).condition, Condition::BackingOff);
        let limited = condition(true);
        assert_eq!(limited.condition, Condition::HardLimited);
        let remedy = "prebuildctl reset-limit acme/docker/preset-1";
        assert!(limited.message.contains(remedy), "{limited:?}");
        let invalid = found(|it| it.presets[0].prebuild_status = PrebuildStatus::ValidationFailed);
        assert_eq!(invalid[0].condition, Condition::ValidationFailed);
        assert!(found(|it| it.presets[0].deprecated = true).is_empty());
    }

    #[test]
    fn every_change_is_told_once() {
        let mut watch = Watch::default();
        let mut told = |pools: Vec<PoolCondition>| -> Vec<_> {
            let changes = watch.observe(pools, &Circumstances::default(), at(NOON));
            let change = |it: Change| (it.before.map(Condition::label), it.condition.label());
            changes.into_iter().map(change).collect()
        };
        let full = || {
            found(|it| {
                let preset = it.presets[0].clone();
                it.running = vec![running(11, &preset, NOON), running(12, &preset, NOON)];
            })
        };
        assert_eq!(told(found(|_| {})), [(None, "healthy")]);
        assert_eq!(told(full()), []);
        let limited = || found(|it| failed(it, true));
        assert_eq!(told(limited()), [(Some("healthy"), "hard_limited")]);
        assert_eq!(told(limited()), []);
        // New builds are under way, and may fail again.
        assert_eq!(told(found(|_| {})), []);
        assert_eq!(told(full()), [(Some("hard_limited"), "healthy")]);
        assert_eq!(told(Vec::new()), []);
        // One that is back is new.
        assert_eq!(told(limited()), [(None, "hard_limited")]);
    }

    #[test]
    fn a_pool_is_below_its_target_when_that_lasts_longer_than_a_build() {
        let mut watch = Watch::default();
        let after = |minutes| at(NOON) + TimeDelta::minutes(minutes);
        let build = BuildTime {
            template_id: id(9_002),
            preset_name: Some("preset-1".to_owned()),
            created_at: at(NOON),
            ready_at: after(4),
        };
        let circumstances = Circumstances {
            build_times: vec![build],
            in_vain: Vec::new(),
        };
        let mut told = |minutes, full: bool| -> Vec<&str> {
            let pools = found(|it| {
                let preset = it.presets[0].clone();
                it.running = vec![running(11, &preset, NOON)];
                if full {
                    it.running.push(running(12, &preset, NOON));
                }
            });
            let changes = watch.observe(pools, &circumstances, after(minutes));
            changes.iter().map(|it| it.condition.label()).collect()
        };
        assert_eq!(told(0, false), ["healthy"]);
        assert_eq!(told(6, false), [""; 0]);
        assert_eq!(told(7, false), ["below_target"]);
        assert_eq!(told(8, false), [""; 0]);
        assert_eq!(told(9, true), ["healthy"]);
        // It begins anew.
        assert_eq!(told(10, false), [""; 0]);
        assert_eq!(told(17, false), ["below_target"]);
    }

    #[test]
    fn jobs_that_wait_in_vain_are_told_after_a_minute() {
        let mut watch = Watch::default();
        let after = |minutes| at(NOON) + TimeDelta::minutes(minutes);
        let problem = Diagnostic::error("no_provisioner", "2 jobs wait".to_owned());
        let circumstances = Circumstances {
            in_vain: vec![(id(1), problem)],
            ..Circumstances::default()
        };
        let pools = || found(|_| {});
        assert!(!watch.needs_circumstances(&pools(), after(0)));
        watch.observe(pools(), &circumstances, after(0));
        assert!(!watch.needs_circumstances(&pools(), after(0)));
        assert!(watch.needs_circumstances(&pools(), after(1)));
        let changes = watch.observe(pools(), &circumstances, after(1));
        assert_eq!(changes[0].condition, Condition::NoProvisioner);
        assert_eq!(changes[0].message, "2 jobs wait");
    }
}

//! What looks wrong about pools, in words, with remedies.
//!
//! Pure: judges a snapshot and its plan, knows no database and no terminal.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use super::leftovers::AGENT_TOLERANCE;
use crate::model::facts::Allowance;
use crate::model::pause::Pause;
use crate::model::text::{counted, first_few, plural, printable, span};
use crate::model::{
    Action, Block, ClaimedWorkspace, Plan, PrebuildStatus, Preset, PresetPlan, RunningPrebuild,
    Snapshot, Time,
};

/// The name of the group by which operators limit what prebuilt workspaces cost.
pub(crate) const QUOTA_GROUP: &str = "coderprebuiltworkspaces";
/// Passes come every few minutes; one that has come late is no matter.
const PASS_TOLERANCE: TimeDelta = TimeDelta::minutes(15);
/// Names in a line before "and others".
const NAMES: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub check: &'static str,
    pub level: Level,
    pub message: String,
    /// What to do about it; null when nothing needs to be done.
    pub remedy: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Level {
    Ok,
    Warning,
    Error,
}

impl Finding {
    pub(crate) fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            level: Level::Ok,
            message: message.into(),
            remedy: None,
        }
    }

    pub(crate) fn warning(check: &'static str, message: impl Into<String>, remedy: &str) -> Self {
        Self {
            level: Level::Warning,
            remedy: Some(remedy.to_owned()),
            ..Self::ok(check, message)
        }
    }

    pub(crate) fn error(check: &'static str, message: impl Into<String>, remedy: &str) -> Self {
        Self {
            level: Level::Error,
            ..Self::warning(check, message, remedy)
        }
    }
}

/// Judges the pools of a snapshot. `plan` is the snapshot's own at `now`, `pause` what is stored.
pub(crate) fn pool_findings(
    snapshot: &Snapshot,
    plan: &Plan,
    pause: &Pause,
    now: Time,
) -> Vec<Finding> {
    let mut findings = vec![paused(pause, now)];
    findings.extend(unhealthy_presets(snapshot, plan));
    findings.extend(idle_passes(snapshot, plan, now));
    findings.extend(leftovers(snapshot));
    findings.extend(failed_builds(snapshot));
    findings.extend(stuck_agents(snapshot, now));
    findings.extend(out_of_contact(snapshot, now));
    if findings.len() == 1 {
        let active = snapshot.presets.iter().filter(|preset| preset.is_active());
        let pools = active.count();
        let them = if pools == 1 { "it" } else { "them" };
        let pools = plural(pools, "pool");
        findings.push(Finding::ok(
            "pools",
            format!("{pools}, nothing wrong with {them}"),
        ));
    }
    findings
}

fn paused(pause: &Pause, now: Time) -> Finding {
    if !pause.stored {
        return Finding::ok("paused", "reconciliation is not paused");
    }
    let note = pause.note.as_ref();
    let note = note.map_or_else(String::new, |note| format!(" {}", note.sentence()));
    let (end, remedy) = if pause.is_over(now) {
        (
            "; its time is over, but it stays set until a pass of prebuildctl ends it",
            "run a pass (prebuildctl reconcile-once) or resume it: prebuildctl resume",
        )
    } else {
        ("", "resume it: prebuildctl resume")
    };
    Finding::warning(
        "paused",
        format!("reconciliation is paused{note}{end}"),
        remedy,
    )
}

/// The presets that somebody has to look at, and why, in a few words each: fewer workspaces ready than
/// desired, backing off, blocked, hard limited, not buildable or configured as meant, or with members that
/// are stuck or out of contact. `plan` is the snapshot's own.
pub(crate) fn with_problems(snapshot: &Snapshot, plan: &Plan) -> BTreeMap<Uuid, Vec<String>> {
    let mut problems: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (preset, entry) in snapshot.presets.iter().zip(&plan.presets) {
        let words = problems_of(preset, entry);
        if !words.is_empty() {
            problems.insert(preset.id, words);
        }
    }
    let mut dead: BTreeMap<(Uuid, &str), i64> = BTreeMap::new();
    for workspace in &snapshot.running {
        let what = match workspace {
            it if is_stuck(it, snapshot.taken_at) => "stuck",
            it if is_out_of_contact(it) => "out of contact",
            _ => continue,
        };
        if let Some(preset) = workspace.preset_id {
            *dead.entry((preset, what)).or_default() += 1;
        }
    }
    for ((preset, what), number) in dead {
        let words = problems.entry(preset).or_default();
        words.push(format!("{number} {what}"));
    }
    problems
}

fn problems_of(preset: &Preset, entry: &PresetPlan) -> Vec<String> {
    let mut words = Vec::new();
    let (ready, desired) = (entry.state.eligible, entry.state.desired);
    if ready < desired {
        words.push(format!("{ready} of {desired} ready"));
    }
    for action in &entry.actions {
        match action {
            Action::Backoff { .. } => words.push("backing off".to_owned()),
            Action::Create { blocked_by, .. } if blocked_by.is_some() => {
                words.push("blocked".to_owned());
            }
            _ => {}
        }
    }
    if preset.is_active() && entry.hard_limited {
        words.push("hard limited".to_owned());
    }
    if preset.is_active() && preset.prebuild_status == PrebuildStatus::ValidationFailed {
        words.push("failing validation".to_owned());
    }
    words.extend(entry.diagnostics.iter().map(|it| it.code.replace('_', " ")));
    words
}

fn is_stuck(workspace: &RunningPrebuild, now: Time) -> bool {
    let since = workspace.unready_since.unwrap_or(workspace.created_at);
    !workspace.ready && now.signed_duration_since(since) > AGENT_TOLERANCE
}

fn is_out_of_contact(workspace: &RunningPrebuild) -> bool {
    workspace.ready && workspace.out_of_contact_since.is_some()
}

/// Claimed workspaces whose last build failed.
fn failed_builds(snapshot: &Snapshot) -> Option<Finding> {
    let failed: Vec<String> = failed_claimed(snapshot).map(failed_build).collect();
    let (first, count) = (failed.first()?, failed.len());
    let message = match count {
        1 => format!("a build of a claimed workspace failed: {first}"),
        _ => format!("builds of {count} claimed workspaces failed, such as {first}"),
    };
    let remedy = "make it once more with prebuildctl retry WORKSPACE, or prebuildctl delete it";
    Some(Finding::warning("claimed", message, remedy))
}

/// The claimed workspaces whose last build failed or was cancelled.
pub(crate) fn failed_claimed(snapshot: &Snapshot) -> impl Iterator<Item = &ClaimedWorkspace> {
    snapshot.claimed.iter().filter(|it| it.has_failed())
}

/// `ada/shop: claim failed: no space left`.
pub(crate) fn failed_build(workspace: &ClaimedWorkspace) -> String {
    let error = workspace.error.as_deref().unwrap_or("it was cancelled");
    let (path, state) = (workspace.path(), workspace.state());
    printable(&format!("{path}: {state}: {error}"))
}

fn unhealthy_presets(snapshot: &Snapshot, plan: &Plan) -> Vec<Finding> {
    // `2 presets hard limited: acme/backend/small, acme/ml/gpu`, or nothing for none.
    let about = |what: &str, is_it: fn(&Preset, &PresetPlan) -> bool| {
        let entries = snapshot.presets.iter().zip(&plan.presets);
        let names: Vec<String> = entries
            .filter(|(preset, entry)| is_it(preset, entry))
            .map(|(_, entry)| entry.preset.to_string())
            .collect();
        let presets = plural(names.len(), "preset");
        (!names.is_empty()).then(|| format!("{presets} {what}: {}", first_few(&names, NAMES, ", ")))
    };
    let limited = about("hard limited", |preset, entry| {
        preset.is_active() && entry.hard_limited
    });
    let invalid = about("failing validation", |preset, _| {
        preset.is_active() && preset.prebuild_status == PrebuildStatus::ValidationFailed
    });
    let resting = about("backing off", |preset, entry| {
        // A pool that is hard limited needs more than time.
        let is_limited = preset.is_active() && entry.hard_limited;
        !is_limited && matches!(entry.actions.as_slice(), [Action::Backoff { .. }])
    });
    let misconfigured = about("not configured as meant", |_, entry| {
        !entry.diagnostics.is_empty()
    });
    [
        limited.map(|message| Finding::error("hard_limited", message, Block::HardLimited.remedy())),
        invalid.map(|message| {
            Finding::error("validation_failed", message, Block::ValidationFailed.remedy())
        }),
        resting.map(|message| {
            let remedy = "prebuildctl plan --explain shows the errors of the failed builds; passes try again by \
                          themselves";
            Finding::warning("backing_off", message, remedy)
        }),
        misconfigured.map(|message| {
            let remedy = "prebuildctl plan shows what is wrong with each";
            Finding::warning("configuration", message, remedy)
        }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Work that nobody has done for a while: passes run neither here nor in coderd.
fn idle_passes(snapshot: &Snapshot, plan: &Plan, now: Time) -> Option<Finding> {
    let creates = |entry: &&PresetPlan| entry.state.starting == 0 && entry.summary().create > 0;
    let short: Vec<String> = plan
        .presets
        .iter()
        .filter(creates)
        .map(|entry| entry.preset.to_string())
        .collect();
    if short.is_empty() || snapshot.reconciliation_paused {
        return None;
    }
    let running = snapshot.running.iter().map(|it| it.created_at);
    let left = snapshot.leftovers.iter();
    let last = running.chain(left.filter_map(|it| it.last_build_at)).max();
    let idle = last.map(|last| now.signed_duration_since(last));
    if idle.is_some_and(|idle| idle < PASS_TOLERANCE) {
        return None;
    }
    let lately = match idle {
        Some(idle) => format!("no pass has built anything for {}", span(idle)),
        None => "no pass has built anything yet".to_owned(),
    };
    let below = counted(
        short.len(),
        "preset is below its target",
        "presets are below their targets",
    );
    Some(Finding::warning(
        "passes",
        format!(
            "{below} with nothing under way, and {lately}: {}",
            first_few(&short, NAMES, ", ")
        ),
        "see whether prebuildctl loop or coderd's own loop runs, or run prebuildctl reconcile-once",
    ))
}

fn leftovers(snapshot: &Snapshot) -> Option<Finding> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for leftover in snapshot.leftovers.iter().filter(|it| !it.is_in_progress()) {
        *counts.entry(leftover.kind()).or_default() += 1;
    }
    let words: Vec<String> = counts
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    let words = words.join(", ");
    (!words.is_empty()).then(|| {
        let remedy = "they are kept as evidence and cost money; when they are no longer needed, prebuildctl \
                      cleanup deletes them";
        let message = format!("prebuilt workspaces that no pool counts: {words}");
        Finding::warning("leftovers", message, remedy)
    })
}

fn stuck_agents(snapshot: &Snapshot, now: Time) -> Option<Finding> {
    let running = snapshot.running.iter();
    let stuck = running.filter(|workspace| is_stuck(workspace, now));
    let names: Vec<&str> = stuck.map(|workspace| workspace.name.as_str()).collect();
    let first = names.first()?;
    Some(Finding::warning(
        "stuck_agents",
        format!(
            "{} running for over {} min and not ready, such as {first}",
            names.len(),
            AGENT_TOLERANCE.num_minutes()
        ),
        "each holds a place in its pool and can't be claimed; look at its agent's start-up, or \
         delete it",
    ))
}

/// Ready workspaces that are out of contact with an agent.
fn out_of_contact(snapshot: &Snapshot, now: Time) -> Option<Finding> {
    let running = snapshot.running.iter();
    let silent = running.filter(|workspace| is_out_of_contact(workspace));
    let silent = silent.filter_map(|it| Some((it.out_of_contact_since?, it.name.as_str())));
    let silent: Vec<(Time, &str)> = silent.collect();
    let (since, first) = silent.iter().min()?;
    let minutes = now.signed_duration_since(since).num_minutes();
    Some(Finding::warning(
        "out_of_contact",
        format!(
            "{} of the ready workspaces out of contact with an agent, such as {first} for {minutes} min",
            silent.len(),
        ),
        "claims take them last; see whether their hosts still run, or list them with prebuildctl cleanup \
         --state stuck-agents, whose --yes deletes them",
    ))
}

/// A sentence on the organizations where every build of a pool would exceed the quota, if there are any. A
/// deployment that doesn't use quotas is none the worse for it.
pub(crate) fn quota_warning(allowances: &[Allowance]) -> Option<String> {
    let spent = allowances.iter();
    let spent = spent.filter(|it| it.has_costs && it.allowance <= 0);
    let names: Vec<String> = spent.map(|it| format!("{:?}", it.organization)).collect();
    let organizations = match names.as_slice() {
        [] => return None,
        [name] => format!("organization {name}"),
        many => format!("organizations {}", first_few(many, NAMES, ", ")),
    };
    Some(format!(
        "{organizations}: prebuilt workspaces have daily costs, but the quota allowance of group {QUOTA_GROUP} is \
         0; where quotas are in use, their builds fail"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_costs_without_any_allowance_are_warned_of() {
        let allowance = |name: &str, allowance, has_costs| Allowance {
            organization: name.to_owned(),
            allowance,
            has_costs,
        };
        let mut allowances = vec![allowance("free", 0, false), allowance("paid", 5, true)];
        assert_eq!(quota_warning(&allowances), None);
        allowances.push(allowance("bro\"ke", 0, true));
        let warning = quota_warning(&allowances).unwrap();
        assert!(
            warning.starts_with("organization \"bro\\\"ke\": "),
            "{warning}"
        );
        assert!(warning.contains(QUOTA_GROUP), "{warning}");
        allowances.extend((1..5).map(|n| allowance(&n.to_string(), 0, true)));
        let warning = quota_warning(&allowances).unwrap();
        let beginning = "organizations \"bro\\\"ke\", \"1\", \"2\" and 2 more: ";
        assert!(warning.starts_with(beginning), "{warning}");
    }
}

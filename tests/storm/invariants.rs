//! What must hold between two steps, whoever acted and whatever struck.
//!
//! Whatever the world didn't do itself must be in the report of a run, whatever is reported must be in
//! the rows, and a run that was struck may have done its own kind of thing, wholly, or nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{Checked, hold};
use super::runs::{Answer, Request, Run};
use super::script::Program;
use super::state::{Build, State, Workspace};
use super::world::Touched;
use crate::support::scene::PREBUILDS_USER;

/// What the runs of a step say, taken together.
struct Said<'r> {
    created: BTreeSet<&'r String>,
    deleted: BTreeSet<&'r String>,
    /// Those of `deleted` that were cleared away.
    cleared: BTreeSet<&'r String>,
    cancelled: BTreeSet<&'r String>,
    claimed: BTreeMap<&'r String, &'r Request>,
    /// What nobody knows the end of.
    open: Vec<&'r Request>,
    /// Whether some run may have done what it didn't tell: loops tell no ids, and what was struck has no
    /// last word.
    may_pass: bool,
    may_remove: bool,
    may_build: bool,
    invalidates: bool,
}

impl<'r> Said<'r> {
    fn new(runs: &'r [Run]) -> Result<Self, String> {
        let mut said = Self {
            created: BTreeSet::new(),
            deleted: BTreeSet::new(),
            cleared: BTreeSet::new(),
            cancelled: BTreeSet::new(),
            claimed: BTreeMap::new(),
            open: Vec::new(),
            may_pass: false,
            may_remove: false,
            may_build: false,
            invalidates: false,
        };
        for run in runs {
            said.created.extend(&run.report.created);
            said.deleted.extend(&run.report.deleted);
            said.cancelled.extend(&run.report.cancelled);
            match run.program {
                Program::Pass | Program::Approved => said.may_pass |= run.is_excused(),
                Program::Loop => said.may_pass = true,
                Program::Cleanup | Program::ResetLimit => {
                    said.may_remove |= run.is_excused();
                    said.cleared.extend(&run.report.deleted);
                }
                Program::Provision => said.may_build = true,
                Program::Invalidate => said.invalidates = true,
                Program::Claim | Program::Batch { .. } => {}
            }
            for (request, answer) in &run.requests {
                match answer {
                    Answer::Claimed(id) => {
                        let twice = said.claimed.insert(id, request);
                        hold!(twice.is_none(), "workspace {id} was given away twice");
                    }
                    Answer::Unknown => said.open.push(request),
                    Answer::NoneClaimable => {}
                }
            }
        }
        Ok(said)
    }
}

/// What holds between two moments.
pub fn of_step(before: &State, after: &State, touched: &Touched, runs: &[Run]) -> Checked {
    for run in runs {
        of_exit(run, touched)?;
    }
    let said = Said::new(runs)?;
    of_reports(before, after, touched, &said)?;
    of_pause(before, after, touched, &said)?;
    for id in after.changed(before) {
        if touched.workspaces.contains(id) {
            continue;
        }
        match (before.workspaces.get(id), after.workspaces.get(id)) {
            (_, None) => return Err(format!("workspace {id} has vanished")),
            (None, Some(now)) => of_new(id, now, after, &said)?,
            (Some(then), Some(now)) => {
                of_changed(id, then, now, &said)?;
                if then.is_prebuilt() && !now.is_prebuilt() {
                    of_claimed(id, now, [before, after], &said)?;
                }
            }
        }
    }
    of_pools(before, after, touched, runs)?;
    of_deletes(before, after, touched, &said)?;
    of_presets(before, after, touched, &said)
}

/// A run that nothing struck ends well.
fn of_exit(run: &Run, touched: &Touched) -> Checked {
    hold!(
        !run.hangs,
        "{:?} went on for a minute after {:?}: {}",
        run.program,
        run.fault,
        run.output.stderr
    );
    // A panic, and what the operating system ends for a mistake.
    let is_mad = [101, 132, 134, 135, 139].contains(&run.output.code);
    hold!(
        !is_mad && !run.output.stderr.contains("panicked"),
        "{:?} ended with {} after {:?}: {}",
        run.program,
        run.output.code,
        run.fault,
        run.output.stderr
    );
    if run.is_excused() {
        return Ok(());
    }
    let expected: &[i32] = match run.program {
        Program::Claim => &[0, 4],
        // Refused: what was approved is no longer what would be done.
        Program::Approved => &[0, 6],
        // Another process holds the lock.
        Program::Cleanup | Program::ResetLimit => &[0, 5],
        // Promoted meanwhile: none of the presets that it found is in use.
        Program::Invalidate if touched.wishes => &[0, 1, 5],
        Program::Invalidate => &[0, 5],
        _ => &[0],
    };
    hold!(
        expected.contains(&run.output.code),
        "{:?} ended with {} and nothing had struck it ({:?}): {} {}",
        run.program,
        run.output.code,
        run.fault,
        run.output.stderr,
        run.output.stdout
    );
    let unanswered = run
        .requests
        .iter()
        .find(|(_, answer)| *answer == Answer::Unknown);
    hold!(
        unanswered.is_none(),
        "{:?} got no answer and nothing had struck: {} {}",
        unanswered,
        run.output.stdout,
        run.output.stderr
    );
    Ok(())
}

/// Whatever is reported is in the rows.
fn of_reports(before: &State, after: &State, touched: &Touched, said: &Said<'_>) -> Checked {
    let is_known = |id: &String| before.workspaces.contains_key(id);
    for id in &said.created {
        hold!(
            !is_known(id),
            "workspace {id} was there before it was reported as created"
        );
        hold!(
            after.workspaces.contains_key(*id),
            "workspace {id} was reported and isn't there"
        );
    }
    for id in &said.deleted {
        let workspace = after.workspaces.get(*id);
        let delete =
            workspace.is_some_and(|it| it.builds.iter().any(|it| it.transition == "delete"));
        hold!(
            delete,
            "the deletion of workspace {id} was reported and isn't there"
        );
    }
    let statuses: BTreeMap<&String, &str> = after
        .workspaces
        .values()
        .flat_map(|workspace| &workspace.builds)
        .map(|build| (&build.job, build.status.as_str()))
        .collect();
    for job in &said.cancelled {
        hold!(
            statuses.get(*job) == Some(&"canceled"),
            "job {job} was reported as cancelled and is {:?}",
            statuses.get(*job)
        );
    }
    for (id, request) in &said.claimed {
        let Some(workspace) = after.workspaces.get(*id) else {
            return Err(format!(
                "workspace {id} was given to {} and isn't there",
                request.owner_name
            ));
        };
        let is_theirs = workspace.owner == request.owner && workspace.name == request.name;
        hold!(
            is_theirs,
            "workspace {id} was given to {} as {} and is {}'s {}",
            request.owner_name,
            request.name,
            workspace.owner,
            workspace.name
        );
        let claim = workspace.builds.iter().find(|build| build.stage == 2);
        hold!(
            claim.is_some(),
            "workspace {id} was given away without a build"
        );
        if let Some(then) = before
            .workspaces
            .get(*id)
            .filter(|_| !touched.workspaces.contains(*id))
        {
            hold!(
                then.is_prebuilt(),
                "workspace {id} was given away and was somebody's"
            );
        }
    }
    Ok(())
}

/// Where reconciliation is paused all the time nothing is created or cancelled, and deleted only by those who
/// clear away.
fn of_pause(before: &State, after: &State, touched: &Touched, said: &Said<'_>) -> Checked {
    if !(before.paused && after.paused) {
        return Ok(());
    }
    for id in after.changed(before) {
        if touched.workspaces.contains(id) {
            continue;
        }
        let Some(then) = before.workspaces.get(id) else {
            return Err(format!("workspace {id} was created during a pause"));
        };
        let deletes = |it: &Workspace| {
            it.builds
                .iter()
                .filter(|it| it.transition == "delete")
                .count()
        };
        let is_deleted = after
            .workspaces
            .get(id)
            .is_some_and(|now| deletes(now) > deletes(then));
        hold!(
            !is_deleted || said.may_remove || said.cleared.contains(id),
            "workspace {id} was deleted during a pause"
        );
    }
    hold!(
        said.cancelled.is_empty(),
        "jobs were cancelled during a pause"
    );
    Ok(())
}

/// A workspace that the world didn't make.
fn of_new(id: &str, now: &Workspace, after: &State, said: &Said<'_>) -> Checked {
    hold!(
        said.created.contains(&id.to_owned()) || said.may_pass,
        "workspace {id} is new and in no report"
    );
    let Some(first) = now.builds.first() else {
        return Err(format!("workspace {id} has no build"));
    };
    let preset = first.preset.as_ref().and_then(|id| after.presets.get(id));
    hold!(
        first.transition == "start"
            && first.initiator == PREBUILDS_USER
            && preset.is_some_and(|preset| preset.version == first.version),
        "the first build of new workspace {id} is {first:?}"
    );
    hold!(
        now.is_prebuilt() || said.may_build,
        "new workspace {id} is already somebody's"
    );
    let may_go_on = said.may_build || said.may_pass || said.may_remove;
    // Of two passes with a promotion between them the second one may undo what the first one did.
    let id = &id.to_owned();
    let is_undone = said.deleted.contains(id) || said.cancelled.contains(&first.job);
    hold!(
        now.builds.len() == 1 || may_go_on || is_undone,
        "new workspace {id} has several builds"
    );
    Ok(())
}

/// A workspace that the program has changed.
fn of_changed(id: &str, then: &Workspace, now: &Workspace, said: &Said<'_>) -> Checked {
    let id = &id.to_owned();
    if !then.is_prebuilt() {
        let same = then.owner == now.owner && then.name == now.name;
        let same = same && then.builds.len() == now.builds.len();
        hold!(
            same && said.may_build,
            "workspace {id} is a person's and was touched: {then:?} became {now:?}"
        );
        return Ok(());
    }
    if !now.is_prebuilt() {
        let asked = |request: &&Request| request.owner == now.owner && request.name == now.name;
        let told = said.claimed.get(id).copied().filter(asked);
        let open = said.open.iter().copied().find(asked);
        hold!(
            told.or(open).is_some(),
            "workspace {id} became {}'s {} and nobody was told",
            now.owner,
            now.name
        );
        let added = &now.builds[then.builds.len()..];
        hold!(
            added.len() == 1 && added[0].stage == 2 && added[0].transition == "start",
            "workspace {id} was claimed with the builds {added:?}"
        );
        return Ok(());
    }
    hold!(then.name == now.name, "workspace {id} has another name");
    let added = &now.builds[then.builds.len().min(now.builds.len())..];
    let cancels = then.builds.iter().zip(&now.builds).any(|(old, new)| {
        old.status == "pending"
            && new.status == "canceled"
            && (said.cancelled.contains(&old.job) || said.may_pass)
    });
    for build in added {
        hold!(
            build.transition == "delete" && build.initiator == PREBUILDS_USER,
            "workspace {id} got the build {build:?}"
        );
        hold!(
            said.deleted.contains(id) || cancels || said.may_pass || said.may_remove,
            "the deletion of workspace {id} is in no report"
        );
    }
    hold!(
        added.len() <= 1,
        "workspace {id} got {} builds",
        added.len()
    );
    for (old, new) in then.builds.iter().zip(&now.builds) {
        let is_cancelled = cancels && old.status == "pending" && new.status == "canceled";
        hold!(
            old == new || is_cancelled || said.may_build && may_become(old, new),
            "a build of workspace {id} has changed: {old:?} became {new:?}"
        );
    }
    Ok(())
}

/// What workers may make of a build: one that has ended stays as it is but for its agents, which a later build
/// replaces.
fn may_become(old: &Build, new: &Build) -> bool {
    let but_for_agents = Build {
        agents: old.agents,
        unready: old.unready,
        ..new.clone()
    };
    old.is_unfinished() || *old == but_for_agents
}

/// A workspace that was given away is one of the pool that was asked for, as it may be given away.
fn of_claimed(id: &str, now: &Workspace, states: [&State; 2], said: &Said<'_>) -> Checked {
    let requests = said.claimed.values().chain(&said.open);
    let mut requests = requests.filter(|it| it.owner == now.owner && it.name == now.name);
    let is_asked_for = requests.any(|request| {
        states.iter().any(|state| {
            let pool = now.preset().and_then(|id| state.presets.get(id));
            pool.is_some_and(|pool| {
                pool.active && pool.template == request.template && pool.name == request.preset
            })
        })
    });
    hold!(
        is_asked_for,
        "workspace {id} of preset {:?} is none of the pool that was asked for",
        now.preset()
    );
    let given = now.builds.iter().rev().nth(1);
    let is_ready = given.is_some_and(|build| {
        build.transition == "start" && build.status == "succeeded" && build.unready == 0
    });
    hold!(
        is_ready,
        "workspace {id} was given away after the build {given:?}"
    );
    Ok(())
}

/// No pass makes a pool larger than it is to be.
fn of_pools(before: &State, after: &State, touched: &Touched, runs: &[Run]) -> Checked {
    for (id, preset) in &after.presets {
        let members: BTreeSet<&String> = after.pool(id).collect();
        let previous: BTreeSet<&String> = before.pool(id).collect();
        // What an administrator starts comes back to the pool.
        let back = members
            .iter()
            .filter(|it| touched.workspaces.contains(**it) && before.workspaces.contains_key(**it))
            .count();
        let wanted = before
            .presets
            .get(id)
            .map_or(0, super::state::Preset::desired);
        let wanted = usize::try_from(wanted.max(preset.desired())).unwrap_or(0);
        let bound = wanted.max(previous.len()) + back;
        // Whoever changes a mark or the clock can give back what had expired.
        let is_certain = !touched.wishes || !runs.is_empty();
        let grown = members
            .iter()
            .filter(|it| !before.workspaces.contains_key(**it))
            .count();
        hold!(
            members.len() <= bound || !is_certain || grown == 0,
            "the pool {}/{} has {} workspaces, {wanted} are wanted and {} were there",
            preset.template,
            preset.name,
            members.len(),
            previous.len()
        );
        hold!(
            grown <= wanted,
            "{grown} were created and {wanted} are wanted"
        );
    }
    Ok(())
}

/// No pass deletes members that the pool needs, whatever it creates in their place.
fn of_deletes(before: &State, after: &State, touched: &Touched, said: &Said<'_>) -> Checked {
    if touched.wishes || said.invalidates {
        return Ok(());
    }
    for (id, preset) in &after.presets {
        let Some(then) = before
            .presets
            .get(id)
            .filter(|it| it.active && preset.active)
        else {
            continue;
        };
        let needed = usize::try_from(then.desired().min(preset.desired())).unwrap_or(0);
        let by_pass =
            |id: &&String| !touched.workspaces.contains(*id) && !said.cleared.contains(id);
        let members: Vec<&String> = before.pool(id).collect();
        let deleted = members.iter().copied().filter(by_pass).filter(|id| {
            let now = after.workspaces.get(*id);
            let latest = now.and_then(|now| now.latest());
            latest.is_some_and(|build| build.transition == "delete")
        });
        let joined = after.pool(id).filter(|id| !members.contains(id)).count();
        let spare = (members.len() + joined).saturating_sub(needed);
        let deleted = deleted.count();
        hold!(
            deleted <= spare || said.may_remove,
            "{deleted} of the {} members of {}/{} were deleted, and {needed} are wanted",
            members.len(),
            preset.template,
            preset.name
        );
    }
    Ok(())
}

/// Presets belong to the world, except for their status and their mark.
fn of_presets(before: &State, after: &State, touched: &Touched, said: &Said<'_>) -> Checked {
    if touched.wishes || said.invalidates {
        return Ok(());
    }
    for (id, then) in &before.presets {
        let mut now = after.presets.get(id).cloned();
        if let Some(now) = &mut now {
            now.status.clone_from(&then.status);
        }
        hold!(
            now.as_ref() == Some(then),
            "preset {id} was {then:?} and is {now:?}"
        );
    }
    hold!(
        before.paused == after.paused,
        "somebody has paused or resumed"
    );
    Ok(())
}

/// A pass that had the world to itself has done what the plan said that was made just before.
pub fn of_lone_pass(before: &State, after: &State, plan: &[i64; 3], run: &Run) -> Checked {
    let done = changes(before, after);
    hold!(
        run.output.code == 0 && run.report.outcome != "locked" && done == *plan,
        "a lone {:?} has created, deleted and cancelled {done:?} of {plan:?}: {} {}",
        run.program,
        run.output.code,
        run.output.stdout
    );
    Ok(())
}

/// A pass that was struck while it was alone has done all of the plan that was made just before, or
/// nothing of it.
pub fn of_struck_pass(before: &State, after: &State, plan: &[i64; 3]) -> Checked {
    let done = changes(before, after);
    hold!(
        done == [0; 3] || done == *plan,
        "a pass that was struck has created, deleted and cancelled {done:?} of {plan:?}"
    );
    Ok(())
}

/// How many workspaces were created, how many got a delete build and how many jobs were cancelled.
pub fn changes(before: &State, after: &State) -> [i64; 3] {
    let mut changes = [0; 3];
    for id in after.changed(before) {
        match (before.workspaces.get(id), after.workspaces.get(id)) {
            (None, Some(_)) => changes[0] += 1,
            (Some(then), Some(now)) => {
                let is_cancelled = then
                    .builds
                    .iter()
                    .zip(&now.builds)
                    .any(|(old, new)| old.status == "pending" && new.status == "canceled");
                if is_cancelled {
                    changes[2] += 1;
                } else if now.builds.len() > then.builds.len() {
                    changes[1] += 1;
                }
            }
            (_, None) => {}
        }
    }
    changes
}

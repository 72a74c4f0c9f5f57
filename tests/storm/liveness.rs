//! The end of a storm: all faults stop, and the pools settle.
//!
//! Nobody changes anything any more, builds end well, and an operator clears away what failed. Within a
//! few passes every pool must be exactly as large as it is to be, and passes must have nothing to do.

use fastrand::Rng;

use super::deeds;
use super::provisioner;
use super::rows::{self, Checked};
use super::world::World;
use crate::support::database::Session;
use crate::support::process::prebuildctl;

/// The passes that it may take: one to see what is too much or too old, one to fill up, and one for what
/// an operator has cleared away.
const PASSES: usize = 3;

/// How often provisioners take jobs, each time a thousand: what is left then is never taken.
const MANY: usize = 100;

/// Longer than failures are looked back at, and than any pool's workspaces live.
const LONG: i64 = 4 * 3600;

pub fn settle(world: &mut World<'_>) -> Checked {
    let failed = |error: sqlx::Error| format!("the world can't go on: {error}");
    deeds::pause(world, false).map_err(failed)?;
    let seconds = LONG + world.ahead;
    deeds::age(world, seconds);
    for _ in 0..PASSES {
        finish(world).map_err(failed)?;
        operate(world, &["cleanup", "--yes"])?;
        let presets: Vec<String> = world
            .presets
            .iter()
            .map(|(template, preset)| format!("{template}/{preset}"))
            .collect();
        let mut arguments = vec!["reset-limit", "--yes"];
        arguments.extend(presets.iter().map(String::as_str));
        operate(world, &arguments)?;
        operate(world, &["reconcile-once", "--fail-if-locked"])?;
    }
    finish(world).map_err(failed)?;
    let state = world.state().map_err(failed)?;
    rows::are_sound(&state)?;
    let mut wanted = 0;
    for (id, preset) in &state.presets {
        let size = state.pool(id).count();
        let desired = if preset.active { preset.desired() } else { 0 };
        wanted += desired;
        if usize::try_from(desired) != Ok(size) {
            return Err(format!(
                "after {PASSES} passes the pool {}/{} has {size} workspaces and {desired} are wanted",
                preset.template, preset.name
            ));
        }
    }
    let prebuilt = state
        .workspaces
        .values()
        .filter(|it| it.is_prebuilt() && !it.deleted);
    let left = prebuilt.count();
    if usize::try_from(wanted) != Ok(left) {
        return Err(format!(
            "{wanted} workspaces are wanted, and {left} are there"
        ));
    }
    let plan = prebuildctl(["plan", "--detailed-exitcode"])
        .on(&world.database)
        .run();
    if plan.code != 0 {
        return Err(format!(
            "there is still something to do: {} {}",
            plan.stdout, plan.stderr
        ));
    }
    Ok(())
}

/// Runs a program that nothing strikes.
fn operate(world: &World<'_>, arguments: &[&str]) -> Checked {
    let output = prebuildctl(arguments).on(&world.database).run();
    if output.code == 0 {
        return Ok(());
    }
    Err(format!(
        "{arguments:?} ended with {}: {}{}",
        output.code, output.stdout, output.stderr
    ))
}

/// Ends all builds well, and lets all agents become ready.
fn finish(world: &mut World<'_>) -> sqlx::Result<()> {
    const OPEN: &str = "SELECT count(*) FROM provisioner_jobs WHERE completed_at IS NULL";
    let mut rng = Rng::with_seed(0);
    for _ in 0..MANY {
        if count(&mut world.session, OPEN)? == 0 {
            break;
        }
        provisioner::provision(world, 1000, 0, &mut rng)?;
    }
    world
        .session
        .try_execute("UPDATE workspace_agents SET lifecycle_state = 'ready' WHERE NOT deleted")?;
    Ok(())
}

fn count(session: &mut Session, sql: &str) -> sqlx::Result<i64> {
    let value = session
        .try_rows(sql)?
        .into_iter()
        .flatten()
        .flatten()
        .next();
    Ok(value.and_then(|value| value.parse().ok()).unwrap_or(0))
}

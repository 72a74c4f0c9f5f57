//! A coderd beside the program, on a stand-in of its database: its claims and its passes, in its own
//! order of statements.
//!
//! Its claim picks a workspace without locking what it looks at and changes it by its id alone; its pass
//! holds the lock in one transaction and writes each workspace in another.

use fastrand::Rng;

use super::script::Transition;
use super::world::{Touched, World, pick};
use crate::support::scene::PREBUILDS_USER;

/// Claims as coderd does, and builds in the same transaction; an unfinished or newer build in the way
/// undoes both.
pub fn claim(world: &mut World<'_>, rng: &mut Rng) -> sqlx::Result<Touched> {
    let state = world.state()?;
    let mut presets: Vec<_> = state.presets.iter().filter(|(_, it)| it.active).collect();
    presets.sort_by_key(|(_, preset)| (&preset.template, &preset.name));
    let (Some((preset, _)), Some((person, _))) = (
        pick(rng, &presets).copied(),
        pick(rng, &world.people).cloned(),
    ) else {
        return Ok(Touched::default());
    };
    let name = world.name("theirs");
    let mut picked = None;
    // Not in repeatable read: the request's transaction has no options.
    world.session.try_execute("BEGIN")?;
    let result = world.session.try_rows(&format!(
        "UPDATE workspaces SET owner_id = '{person}', name = '{name}', updated_at = now(),
            last_used_at = now()
         WHERE id IN (
             SELECT p.id FROM workspace_prebuilds AS p
             JOIN workspace_latest_builds AS b ON b.workspace_id = p.id
             JOIN templates AS t ON t.id = p.template_id
             WHERE b.transition = 'start' AND b.job_status = 'succeeded'
                AND b.template_version_id = t.active_version_id
                AND p.current_preset_id = '{preset}' AND p.ready AND NOT t.deleted
             LIMIT 1 FOR UPDATE OF p SKIP LOCKED)
         RETURNING id"
    ));
    let result = result.and_then(|rows| {
        let Some(workspace) = rows.into_iter().flatten().flatten().next() else {
            return Ok(false);
        };
        picked = Some(workspace.clone());
        world.build(&workspace, Transition::Start, &person, &person, 2)
    });
    let is_made = matches!(result, Ok(true));
    let end = if is_made { "COMMIT" } else { "ROLLBACK" };
    let ended = world.session.try_execute(end);
    if let Err(error) = result.and(ended.map(|_| true)) {
        let _ignored = world.session.try_execute("ROLLBACK");
        world.refused = Some(error.to_string());
    } else if is_made {
        return Ok(Touched::one(&picked.unwrap_or_default()));
    }
    Ok(Touched {
        held: picked.into_iter().collect(),
        ..Touched::default()
    })
}

/// A pass of coderd: under the lock it reads what is there, and creates and deletes workspace by
/// workspace, each in a transaction of its own.
pub fn reconcile(world: &mut World<'_>, _rng: &mut Rng) -> sqlx::Result<Touched> {
    let mut touched = Touched::default();
    // Its lock is a transaction's, open for the whole pass, on another session than its writes.
    let mut holder = world.database.session();
    holder.try_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let locked = holder.try_rows("SELECT pg_try_advisory_xact_lock(7)")?;
    if locked.into_iter().flatten().flatten().next().as_deref() != Some("1") {
        return Ok(touched);
    }
    let state = super::state::State::read(&mut world.session, false, None)?;
    if state.paused {
        return Ok(touched);
    }
    for (preset_id, preset) in &state.presets {
        let mut pool: Vec<&String> = state.pool(preset_id).collect();
        pool.sort_by_key(|id| state.workspaces.get(*id).map(|it| it.created_at));
        let desired = if preset.active { preset.desired() } else { 0 };
        let desired = usize::try_from(desired).unwrap_or(0);
        for _ in pool.len()..desired {
            if preset.status != "healthy" {
                break;
            }
            let name = world.name("prebuild");
            let mut made = None;
            let done = world.transaction(|world| {
                made = Some(world.create(PREBUILDS_USER, &name, 1, (preset_id, preset))?);
                Ok(true)
            });
            touched.workspaces.extend(made.filter(|_| done));
        }
        let surplus = pool.len().saturating_sub(desired);
        for workspace in pool.into_iter().take(surplus) {
            let done = world.transaction(|world| {
                world.build(
                    workspace,
                    Transition::Delete,
                    PREBUILDS_USER,
                    PREBUILDS_USER,
                    1,
                )
            });
            if done {
                touched.workspaces.insert(workspace.clone());
            }
        }
    }
    holder.try_execute("COMMIT")?;
    Ok(touched)
}

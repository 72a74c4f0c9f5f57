//! What the world does by itself: people, administrators and the clock.
//!
//! Each deed is one transaction, which other transactions may undo. It picks its rows in an order that
//! depends on names and ages alone, so that a seed finds the same ones each time.

use fastrand::Rng;

use super::coderd;
use super::provisioner;
use super::script::{Deed, Transition};
use super::state::{ALWAYS, BROKEN, NEVER};
use super::world::{Touched, World, pick};
use crate::support::scene::{PREBUILDS_USER, TAGS, id, seconds_ago};

/// Does it; nothing is touched where it came to nothing.
///
/// # Errors
/// When the database can't be worked with at all.
pub fn act(world: &mut World<'_>, deed: Deed, rng: &mut Rng) -> sqlx::Result<Touched> {
    match deed {
        Deed::Provision { jobs, failing } => provisioner::provision(world, jobs, failing, rng),
        Deed::Ready => provisioner::ready(world, rng),
        Deed::PersonCreates => person_creates(world, rng),
        Deed::PersonBuilds(transition) => {
            let condition = format!("w.owner_id <> '{PREBUILDS_USER}'");
            builds(world, &condition, transition, rng)
        }
        Deed::AdminBuilds(transition) => builds(world, &World::is_prebuilt(), transition, rng),
        Deed::AdminCancels => cancel(world, rng),
        Deed::Promote => promote(world, rng),
        Deed::Resize => {
            let instances = rng.i64(-1..9);
            preset(world, rng, &format!("desired_instances = {instances}"))
        }
        Deed::Expire => {
            let ttl = pick(rng, &["NULL", "0", "600", "3600", "7200"]).unwrap_or(&"0");
            preset(world, rng, &format!("invalidate_after_secs = {ttl}"))
        }
        Deed::Schedule => schedule(world, rng),
        Deed::Invalidate => {
            let at = seconds_ago(0);
            preset(world, rng, &format!("last_invalidated_at = '{at}'"))
        }
        Deed::Pause => pause(world, true),
        Deed::Resume => pause(world, false),
        Deed::ClockJumps { seconds } => {
            age(world, seconds);
            let workspaces = world.workspaces("true")?.into_iter().collect();
            Ok(Touched {
                workspaces,
                ..Touched::wishes()
            })
        }
        Deed::Daemon => provisioner::daemon(world, rng),
        Deed::CoderdClaims => coderd::claim(world, rng),
        Deed::CoderdReconciles => coderd::reconcile(world, rng),
        Deed::ServerCrashes => {
            if let Some(server) = world.ground.server() {
                server.cluster.stop("immediate");
                server.cluster.restart();
                world.session = world.database.session();
            }
            Ok(Touched::default())
        }
    }
}

fn person_creates(world: &mut World<'_>, rng: &mut Rng) -> sqlx::Result<Touched> {
    let state = world.state()?;
    let mut presets: Vec<_> = state.presets.iter().filter(|(_, it)| it.active).collect();
    presets.sort_by_key(|(_, preset)| (&preset.template, &preset.name));
    let (Some((preset_id, preset)), Some((owner, _))) = (
        pick(rng, &presets).copied(),
        pick(rng, &world.people).cloned(),
    ) else {
        return Ok(Touched::default());
    };
    let name = world.name("own");
    let mut made = None;
    let done = world.transaction(|world| {
        made = Some(world.create(&owner, &name, 0, (preset_id, preset))?);
        Ok(true)
    });
    Ok(made
        .filter(|_| done)
        .map_or_else(Touched::default, |it| Touched::one(&it)))
}

/// One of the workspaces gets a new build. A start is over at once: a build of a person for a pool is
/// counted by nobody as long as it runs.
fn builds(
    world: &mut World<'_>,
    condition: &str,
    transition: Transition,
    rng: &mut Rng,
) -> sqlx::Result<Touched> {
    let workspaces = world.workspaces(condition)?;
    let Some(workspace) = pick(rng, &workspaces) else {
        return Ok(Touched::default());
    };
    let person = pick(rng, &world.people).map(|(id, _)| id.clone());
    let person = person.unwrap_or_default();
    let owner = world.session.try_rows(&format!(
        "SELECT owner_id FROM workspaces WHERE id = '{workspace}'"
    ))?;
    let owner = owner.into_iter().flatten().flatten().next();
    let owner = owner.unwrap_or_default();
    let done = world.transaction(|world| {
        let done = world.build(workspace, transition, &person, &owner, 0)?;
        if done && transition == Transition::Start {
            let job = world.session.try_rows(&format!(
                "SELECT job_id FROM workspace_builds WHERE workspace_id = '{workspace}'
                 ORDER BY build_number DESC LIMIT 1"
            ))?;
            let job = job.into_iter().flatten().flatten().next();
            let (job, now) = (job.unwrap_or_default(), seconds_ago(0));
            let resource = provisioner::resource(&job, &now, "ready");
            world.session.try_execute(&format!(
                "UPDATE provisioner_jobs SET started_at = '{now}', completed_at = '{now}'
                 WHERE id = '{job}'; {resource}"
            ))?;
        }
        Ok(done)
    });
    Ok(if done {
        Touched::one(workspace)
    } else {
        Touched::default()
    })
}

/// Somebody cancels a build that waits or runs.
fn cancel(world: &mut World<'_>, rng: &mut Rng) -> sqlx::Result<Touched> {
    let jobs = world.session.try_rows(
        "SELECT w.id, j.id FROM provisioner_jobs AS j
         JOIN workspace_builds AS b ON b.job_id = j.id
         JOIN workspaces AS w ON w.id = b.workspace_id
         WHERE j.completed_at IS NULL AND j.canceled_at IS NULL AND b.transition <> 'delete'
         ORDER BY w.created_at, w.name",
    )?;
    let Some([Some(workspace), Some(job)]) = pick(rng, &jobs).map(|row| &row[..]) else {
        return Ok(Touched::default());
    };
    let now = seconds_ago(0);
    let time = if world.is_sqlite() {
        format!("'{now}'")
    } else {
        format!("timestamptz '{now}'")
    };
    let sql = format!(
        "UPDATE provisioner_jobs SET canceled_at = '{now}', updated_at = '{now}',
            completed_at = CASE WHEN started_at IS NULL THEN {time} END
         WHERE id = '{job}' AND completed_at IS NULL"
    );
    let done = world.transaction(|world| Ok(world.session.try_execute(&sql)? == 1));
    Ok(if done {
        Touched::one(workspace)
    } else {
        Touched::default()
    })
}

/// A template gets a new version with the same presets, or an older one back.
fn promote(world: &mut World<'_>, rng: &mut Rng) -> sqlx::Result<Touched> {
    let template = pick(rng, &world.templates).cloned().unwrap_or_default();
    let versions = world.session.try_rows(&format!(
        "SELECT v.id FROM template_versions AS v JOIN templates AS t ON t.id = v.template_id
         WHERE t.name = '{template}' ORDER BY v.created_at, v.name"
    ))?;
    let versions: Vec<String> = versions.into_iter().flatten().flatten().collect();
    let goes_back = versions.len() > 1 && (versions.len() > 6 || rng.bool());
    let sql = if goes_back {
        let version = pick(rng, &versions).cloned().unwrap_or_default();
        format!("UPDATE templates SET active_version_id = '{version}' WHERE name = '{template}'")
    } else {
        new_version(world, &template)?
    };
    let done = world.transaction(|world| world.session.try_execute(&sql).map(|_| true));
    Ok(if done {
        Touched::wishes()
    } else {
        Touched::default()
    })
}

/// Statements that make a copy of the active version and promote it.
fn new_version(world: &mut World<'_>, template: &str) -> sqlx::Result<String> {
    let presets = world.session.try_rows(&format!(
        "SELECT p.id FROM template_version_presets AS p
         JOIN templates AS t ON t.active_version_id = p.template_version_id
         WHERE t.name = '{template}' ORDER BY p.name"
    ))?;
    let (version, job, now, name) = (id(), id(), seconds_ago(0), world.name("v"));
    let from = format!("(SELECT active_version_id FROM templates WHERE name = '{template}')");
    let mut sql = format!(
        "INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at, completed_at,
            organization_id, initiator_id, provisioner, storage_method, type, input, file_id, tags)
         VALUES ('{job}', '{now}', '{now}', '{now}', '{now}', '{}', '{}', 'terraform', 'file',
            'template_version_import', '{{}}', '{job}', '{TAGS}');
         INSERT INTO template_versions (id, template_id, organization_id, created_at, updated_at,
            name, readme, job_id, created_by)
         SELECT '{version}', template_id, organization_id, '{now}', '{now}', '{name}', '', '{job}',
            created_by
         FROM template_versions WHERE id = {from};
         INSERT INTO template_version_parameters (template_version_id, name, description, type,
            mutable, default_value, icon, validation_regex, required)
         SELECT '{version}', name, description, type, mutable, default_value, icon,
            validation_regex, required
         FROM template_version_parameters WHERE template_version_id = {from};",
        world.organization, world.people[0].0
    );
    for old in presets.into_iter().flatten().flatten() {
        let (preset, value) = (id(), id());
        sql.push_str(&format!(
            "INSERT INTO template_version_presets (id, template_version_id, name, created_at,
                desired_instances, invalidate_after_secs)
             SELECT '{preset}', '{version}', name, '{now}', desired_instances, invalidate_after_secs
             FROM template_version_presets WHERE id = '{old}';
             INSERT INTO template_version_preset_parameters
                (id, template_version_preset_id, name, value)
             SELECT '{value}', '{preset}', name, value
             FROM template_version_preset_parameters WHERE template_version_preset_id = '{old}';"
        ));
    }
    sql.push_str(&format!(
        "UPDATE templates SET active_version_id = '{version}' WHERE name = '{template}'"
    ));
    Ok(sql)
}

/// The presets of active versions, in a fixed order.
fn presets(world: &mut World<'_>) -> sqlx::Result<Vec<String>> {
    let presets = world.session.try_rows(
        "SELECT p.id FROM template_version_presets AS p
         JOIN templates AS t ON t.active_version_id = p.template_version_id ORDER BY t.name, p.name",
    )?;
    Ok(presets.into_iter().flatten().flatten().collect())
}

/// One of the presets in use changes.
fn preset(world: &mut World<'_>, rng: &mut Rng, change: &str) -> sqlx::Result<Touched> {
    let presets = presets(world)?;
    let Some(preset) = pick(rng, &presets) else {
        return Ok(Touched::default());
    };
    let sql = format!("UPDATE template_version_presets SET {change} WHERE id = '{preset}'");
    let done = world.transaction(|world| world.session.try_execute(&sql).map(|_| true));
    Ok(if done {
        Touched::wishes()
    } else {
        Touched::default()
    })
}

/// A preset gets a schedule, or loses its own.
fn schedule(world: &mut World<'_>, rng: &mut Rng) -> sqlx::Result<Touched> {
    let presets = presets(world)?;
    let Some(preset) = pick(rng, &presets) else {
        return Ok(Touched::default());
    };
    let mut sql = format!(
        "DELETE FROM template_version_preset_prebuild_schedules WHERE preset_id = '{preset}';"
    );
    if rng.u8(0..3) > 0 {
        let (schedule, instances) = (id(), rng.i64(-1..6));
        let cron = pick(rng, &[ALWAYS, ALWAYS, ALWAYS, NEVER, BROKEN]).unwrap_or(&ALWAYS);
        let zone = pick(rng, &["UTC", "Asia/Kathmandu", ""]).unwrap_or(&"UTC");
        sql.push_str(&format!(
            "UPDATE template_version_presets SET scheduling_timezone = '{zone}'
             WHERE id = '{preset}';
             INSERT INTO template_version_preset_prebuild_schedules
                (id, preset_id, cron_expression, desired_instances)
             VALUES ('{schedule}', '{preset}', '{cron}', {instances})"
        ));
    }
    let done = world.transaction(|world| world.session.try_execute(&sql).map(|_| true));
    Ok(if done {
        Touched::wishes()
    } else {
        Touched::default()
    })
}

pub fn pause(world: &mut World<'_>, paused: bool) -> sqlx::Result<Touched> {
    let sql = format!(
        r#"DELETE FROM site_configs WHERE key = 'prebuilds_settings';
         INSERT INTO site_configs (key, value)
         VALUES ('prebuilds_settings', '{{"reconciliation_paused": {paused}}}')"#
    );
    let done = world.transaction(|world| world.session.try_execute(&sql).map(|_| true));
    Ok(if done {
        Touched::wishes()
    } else {
        Touched::default()
    })
}

/// All rows of live workspaces, and what goes by the clock, become older by so many seconds, which is what a clock that jumps ahead looks like.
pub fn age(world: &mut World<'_>, seconds: i64) {
    let columns = [
        ("workspaces", "created_at"),
        ("workspace_builds", "created_at"),
        ("provisioner_jobs", "created_at"),
        ("provisioner_jobs", "updated_at"),
        ("provisioner_jobs", "started_at"),
        ("provisioner_jobs", "canceled_at"),
        ("provisioner_jobs", "completed_at"),
        ("template_version_presets", "last_invalidated_at"),
        ("provisioner_daemons", "last_seen_at"),
    ];
    let mut sql = String::new();
    for (table, column) in columns {
        let earlier = if world.is_sqlite() {
            format!(
                "strftime('%Y-%m-%dT%H:%M:%f', {column}, '{} seconds') || '000Z'",
                -seconds
            )
        } else {
            format!("{column} - interval '{seconds} seconds'")
        };
        let live = if table == "workspaces" {
            "WHERE NOT deleted"
        } else {
            ""
        };
        sql.push_str(&format!("UPDATE {table} SET {column} = {earlier} {live};"));
    }
    if world.transaction(|world| world.session.try_execute(&sql).map(|_| true)) {
        world.ahead = (world.ahead - seconds).max(0);
    }
}

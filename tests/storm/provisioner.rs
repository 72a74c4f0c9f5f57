//! The world's provisioners and the agents that they start.

use std::collections::BTreeSet;

use fastrand::Rng;

use super::world::{Touched, World};
use crate::support::scene::{PREBUILDS_USER, TAGS, id, seconds_ago};

/// Takes some of the waiting jobs, people's first, and ends some of those that run: a workspace whose
/// delete succeeds is gone, one whose start succeeds has an agent.
pub fn provision(
    world: &mut World<'_>,
    jobs: usize,
    failing: u8,
    rng: &mut Rng,
) -> sqlx::Result<Touched> {
    let mut touched = BTreeSet::new();
    let is_sqlite = world.is_sqlite();
    let skip = if is_sqlite {
        ""
    } else {
        "FOR UPDATE OF j SKIP LOCKED"
    };
    let done = world.transaction(|world| {
        let now = seconds_ago(0);
        // A job that is cancelled while it runs ends, as cancelled.
        let taken = world.session.try_rows(&format!(
            "SELECT j.id, b.id, b.workspace_id, b.transition, j.job_status
             FROM provisioner_jobs AS j
             JOIN workspace_builds AS b ON b.job_id = j.id
             JOIN workspaces AS w ON w.id = b.workspace_id
             WHERE j.completed_at IS NULL AND j.type = 'workspace_build'
             ORDER BY j.initiator_id = '{PREBUILDS_USER}', j.created_at, w.name, b.build_number
             LIMIT {jobs} {skip}"
        ))?;
        let mut sql = String::new();
        for row in taken {
            let mut row = row.into_iter().map(Option::unwrap_or_default);
            let mut next = || row.next().unwrap_or_default();
            let (job, build, workspace, transition, status) =
                (next(), next(), next(), next(), next());
            let worker = id();
            touched.insert(workspace.clone());
            if status == "pending" && rng.u8(0..4) == 0 {
                // Taken, and still at work when the step is over.
                sql.push_str(&format!(
                    "UPDATE provisioner_jobs SET started_at = '{now}', updated_at = '{now}',
                        worker_id = '{worker}' WHERE id = '{job}';"
                ));
                continue;
            }
            let fails = rng.u8(0..100) < failing;
            let error = if fails { "'exit status 1'" } else { "NULL" };
            sql.push_str(&format!(
                "UPDATE provisioner_jobs SET started_at = coalesce(started_at, '{now}'),
                    updated_at = '{now}', worker_id = coalesce(worker_id, '{worker}'),
                    completed_at = '{now}', error = {error} WHERE id = '{job}';"
            ));
            if fails || status == "canceling" {
                continue;
            }
            match transition.as_str() {
                "delete" => sql.push_str(&format!(
                    "UPDATE workspaces SET deleted = true WHERE id = '{workspace}';"
                )),
                "start" => {
                    let state = if rng.u8(0..3) == 0 {
                        "starting"
                    } else {
                        "ready"
                    };
                    sql.push_str(&resource(&job, &now, state));
                    let left = build.replace('-', "");
                    let left = if is_sqlite {
                        format!("X'{left}'")
                    } else {
                        format!("'\\x{left}'")
                    };
                    sql.push_str(&format!(
                        "UPDATE workspace_builds SET provisioner_state = {left} WHERE id = '{build}';"
                    ));
                }
                _ => {}
            }
        }
        world.session.try_execute(&sql)?;
        Ok(true)
    });
    let workspaces = if done { touched } else { BTreeSet::new() };
    Ok(Touched {
        workspaces,
        ..Touched::default()
    })
}

/// The resource of a build, with its agent.
pub fn resource(job: &str, now: &str, state: &str) -> String {
    format!(
        "INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
         VALUES ('{job}', '{now}', '{job}', 'start', 'container', 'main');
         INSERT INTO workspace_agents (id, created_at, updated_at, name, resource_id, auth_token,
            architecture, operating_system, lifecycle_state)
         VALUES ('{job}', '{now}', '{now}', 'main', '{job}', '{job}', 'amd64', 'linux', '{state}');"
    )
}

/// Most of the agents that are starting become ready.
pub fn ready(world: &mut World<'_>, rng: &mut Rng) -> sqlx::Result<Touched> {
    let starting = world.session.try_rows(
        "SELECT w.id, a.id FROM workspace_agents AS a
         JOIN workspace_resources AS r ON r.id = a.resource_id
         JOIN workspace_builds AS b ON b.job_id = r.job_id
         JOIN workspaces AS w ON w.id = b.workspace_id
         WHERE a.lifecycle_state = 'starting' AND NOT w.deleted ORDER BY w.created_at, w.name",
    )?;
    let mut touched = Touched::default();
    let count = rng.usize(starting.len() / 2..=starting.len());
    for row in starting.into_iter().take(count) {
        let [Some(workspace), Some(agent)] = &row[..] else {
            continue;
        };
        let sql =
            format!("UPDATE workspace_agents SET lifecycle_state = 'ready' WHERE id = '{agent}'");
        if world.transaction(|world| world.session.try_execute(&sql).map(|_| true)) {
            touched.workspaces.insert(workspace.clone());
        }
    }
    Ok(touched)
}

/// The provisioner daemon is seen, or not seen any more.
pub fn daemon(world: &mut World<'_>, rng: &mut Rng) -> sqlx::Result<Touched> {
    let (daemon, now, organization) = (id(), seconds_ago(0), world.organization.clone());
    let (bytes, types) = if world.is_sqlite() {
        ("X'00'", r#"["echo", "terraform"]"#)
    } else {
        ("'\\x00'", "{echo,terraform}")
    };
    let mut sql = "DELETE FROM provisioner_daemons; DELETE FROM provisioner_keys;".to_owned();
    if rng.bool() {
        sql.push_str(&format!(
            "INSERT INTO provisioner_keys (id, created_at, organization_id, name, hashed_secret, tags)
             VALUES ('{daemon}', '{now}', '{organization}', 'key', {bytes}, '{{}}');
             INSERT INTO provisioner_daemons (id, created_at, name, provisioners, tags, last_seen_at,
                organization_id, key_id)
             VALUES ('{daemon}', '{now}', 'daemon', '{types}', '{TAGS}', '{now}', '{organization}',
                '{daemon}')"
        ));
    }
    world.transaction(|world| world.session.try_execute(&sql).map(|_| true));
    Ok(Touched::default())
}

//! The yardstick of passes: the statements that coderd sends for a workspace, in a transaction of its own.
//!
//! Written from what a pass of coderd reads and writes for each create and each delete: some 18 statements,
//! one after the other. Without what it works out in between, and sent in the simple protocol, it is as fast
//! as coderd could be.

use std::time::Instant;

use uuid::Uuid;

use crate::support::database::{Database, Session};
use crate::support::scene::PREBUILDS_USER;

/// Seconds that a create takes, the mean of so many.
pub fn create(database: &Database, count: usize) -> f64 {
    let targets = database.rows(&format!(
        "SELECT t.id, v.id, v.job_id, t.organization_id, p.id, gen_random_uuid()
         FROM templates AS t
         JOIN template_versions AS v ON v.id = t.active_version_id
         JOIN template_version_presets AS p ON p.template_version_id = v.id
         ORDER BY p.id LIMIT {count}"
    ));
    mean(
        database,
        &targets,
        |session, [template, version, import, organization, preset, workspace]| {
            read_template(session, template);
            session.execute(&format!(
            "INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id, name,
                                     last_used_at, automatic_updates)
             VALUES ('{workspace}', now(), now(), '{PREBUILDS_USER}', '{organization}', '{template}',
                     'prebuild-{workspace}', now(), 'never')"
        ));
            read_workspace(session, workspace);
            session.execute(&format!(
                "SELECT * FROM template_version_preset_parameters
             WHERE template_version_preset_id = '{preset}'"
            ));
            provision(session, template, version, import, workspace);
            write(
                session,
                organization,
                version,
                import,
                workspace,
                "start",
                1,
                preset,
            );
        },
    )
}

/// The same of a delete.
pub fn delete(database: &Database, count: usize) -> f64 {
    let targets = database.rows(&format!(
        "SELECT t.id, v.id, v.job_id, t.organization_id, p.id, w.id
         FROM workspaces AS w
         JOIN workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = 1
         JOIN provisioner_jobs AS j ON j.id = b.job_id
         JOIN template_versions AS v ON v.id = b.template_version_id
         JOIN templates AS t ON t.id = w.template_id
         JOIN template_version_presets AS p ON p.id = b.template_version_preset_id
         WHERE w.owner_id = '{PREBUILDS_USER}' AND NOT w.deleted AND j.job_status = 'succeeded'
           AND NOT EXISTS (SELECT FROM workspace_builds AS l
                           WHERE l.workspace_id = w.id AND l.build_number > 1)
         ORDER BY w.id LIMIT {count}"
    ));
    mean(
        database,
        &targets,
        |session, [template, version, import, organization, preset, workspace]| {
            read_workspace(session, workspace);
            read_template(session, template);
            provision(session, template, version, import, workspace);
            session.execute(&format!(
                "SELECT p.* FROM workspace_build_parameters AS p
             JOIN workspace_builds AS b ON b.id = p.workspace_build_id
             WHERE b.workspace_id = '{workspace}' AND b.build_number = 1"
            ));
            write(
                session,
                organization,
                version,
                import,
                workspace,
                "delete",
                2,
                preset,
            );
        },
    )
}

/// Runs the statements in a transaction for each target; returns the seconds that one takes.
fn mean(
    database: &Database,
    targets: &[Vec<Option<String>>],
    statements: impl Fn(&mut Session, [&str; 6]),
) -> f64 {
    let mut session = database.session();
    let started = Instant::now();
    for target in targets {
        let ids = std::array::from_fn(|n| target[n].as_deref().expect("an id"));
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ");
        statements(&mut session, ids);
        session.execute("COMMIT");
    }
    assert!(!targets.is_empty());
    started.elapsed().as_secs_f64() / targets.len() as f64
}

fn read_template(session: &mut Session, template: &str) {
    session.execute(&format!(
        "SELECT t.*, o.name, u.username FROM templates AS t
         JOIN organizations AS o ON o.id = t.organization_id
         LEFT JOIN users AS u ON u.id = t.created_by
         WHERE t.id = '{template}'"
    ));
}

fn read_workspace(session: &mut Session, workspace: &str) {
    session.execute(&format!(
        "SELECT w.*, u.username, o.name, t.name FROM workspaces AS w
         JOIN users AS u ON u.id = w.owner_id
         JOIN organizations AS o ON o.id = w.organization_id
         JOIN templates AS t ON t.id = w.template_id
         WHERE w.id = '{workspace}'"
    ));
}

/// What a build is worked out from.
fn provision(session: &mut Session, template: &str, version: &str, import: &str, workspace: &str) {
    read_template(session, template);
    for sql in [
        format!("SELECT * FROM template_versions WHERE id = '{version}'"),
        format!("SELECT * FROM provisioner_jobs WHERE id = '{import}'"),
        format!(
            "SELECT * FROM workspace_builds WHERE workspace_id = '{workspace}'
             ORDER BY build_number DESC LIMIT 1"
        ),
        format!(
            "SELECT j.* FROM provisioner_jobs AS j
             JOIN workspace_builds AS b ON b.job_id = j.id
             WHERE b.workspace_id = '{workspace}' ORDER BY b.build_number DESC LIMIT 1"
        ),
        format!(
            "SELECT * FROM template_version_parameters WHERE template_version_id = '{version}'"
        ),
        format!("SELECT * FROM template_version_presets WHERE template_version_id = '{version}'"),
        format!(
            "SELECT v.* FROM template_version_preset_parameters AS v
             JOIN template_version_presets AS p ON p.id = v.template_version_preset_id
             WHERE p.template_version_id = '{version}'"
        ),
        format!(
            "SELECT * FROM template_version_workspace_tags WHERE template_version_id = '{version}'"
        ),
        format!("SELECT * FROM users WHERE id = '{PREBUILDS_USER}'"),
    ] {
        session.execute(&sql);
    }
}

/// A job, a build and its values, read back.
#[expect(clippy::too_many_arguments, reason = "the columns that differ")]
fn write(
    session: &mut Session,
    organization: &str,
    version: &str,
    import: &str,
    workspace: &str,
    transition: &str,
    number: i32,
    preset: &str,
) {
    let [build, job] = [(); 2].map(|()| Uuid::new_v4());
    for sql in [
        format!(
            "INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id, provisioner,
                                           storage_method, file_id, type, input, tags)
             VALUES ('{job}', now(), now(), '{organization}', '{PREBUILDS_USER}', 'terraform', 'file', '{import}',
                     'workspace_build', '{{\"workspace_build_id\": \"{build}\", \"dry_run\": false}}',
                     '{{\"scope\": \"organization\", \"owner\": \"\"}}')"
        ),
        format!(
            "INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id, template_version_id,
                                           build_number, transition, initiator_id, job_id, reason,
                                           template_version_preset_id)
             VALUES ('{build}', now(), now(), '{workspace}', '{version}', {number}, '{transition}',
                     '{PREBUILDS_USER}', '{job}', 'initiator', '{preset}')"
        ),
        format!(
            "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             SELECT '{build}', n.name, n.value
             FROM unnest(ARRAY['cores', 'region'], ARRAY['8', 'eu']) AS n (name, value)"
        ),
        format!("SELECT * FROM workspace_builds WHERE id = '{build}'"),
        format!("SELECT * FROM provisioner_jobs WHERE id = '{job}'"),
    ] {
        session.execute(&sql);
    }
}

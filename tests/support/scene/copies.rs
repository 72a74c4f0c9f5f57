//! Many workspaces like one that is there, made by few statements.

use super::Workspace;
use crate::support::database::Database;

/// Makes so many more workspaces with the rows of this one: its only build with job, values, resources
/// and agents.
pub fn copy(database: &Database, model: &Workspace, copies: i64) {
    let new_id = |kind: i32| {
        if database.is_sqlite() {
            format!("printf('%08x-0000-4000-8000-00000000000{kind}', n)")
        } else {
            format!("CAST(lpad(to_hex(n), 8, '0') || '-0000-4000-8000-00000000000{kind}' AS uuid)")
        }
    };
    let [workspace, build, job, resource, agent] = [1, 2, 3, 4, 5].map(new_id);
    let numbers = format!(
        "(WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter
          WHERE n < {copies}) SELECT n FROM counter) AS numbers"
    );
    database.execute(&format!(
        "INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id,
            name, last_used_at)
         SELECT {workspace}, created_at, updated_at, owner_id, organization_id, template_id,
            name || '-' || CAST(n AS text), last_used_at
         FROM workspaces, {numbers} WHERE id = '{}';
         INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at, completed_at, error,
            organization_id, initiator_id, provisioner, storage_method, type, input, file_id, tags)
         SELECT {job}, created_at, updated_at, started_at, completed_at, error, organization_id,
            initiator_id, provisioner, storage_method, type, input, file_id, tags
         FROM provisioner_jobs, {numbers} WHERE id = '{}';
         INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
            template_version_id, build_number, transition, initiator_id, provisioner_state, job_id,
            template_version_preset_id)
         SELECT {build}, created_at, updated_at, {workspace}, template_version_id, 1, transition,
            initiator_id, provisioner_state, {job}, template_version_preset_id
         FROM workspace_builds, {numbers} WHERE id = '{}';
         INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
         SELECT {build}, name, value FROM workspace_build_parameters, {numbers}
         WHERE workspace_build_id = '{}';
         INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
         SELECT {resource}, created_at, {job}, transition, type, name
         FROM workspace_resources, {numbers} WHERE job_id = '{}';
         INSERT INTO workspace_agents (id, created_at, updated_at, name, resource_id, auth_token,
            architecture, operating_system, lifecycle_state)
         SELECT {agent}, created_at, updated_at, name, {resource}, {agent}, architecture,
            operating_system, lifecycle_state
         FROM workspace_agents, {numbers} WHERE resource_id IN
            (SELECT id FROM workspace_resources WHERE job_id = '{}')",
        model.id, model.job, model.build, model.build, model.job, model.job
    ));
}

-- Those of the workspaces $1 that can still be claimed from their pools. Locks their rows and skips those
-- that another transaction has locked, a claim or a deletion in flight. The owner is looked at on the
-- locked row: PostgreSQL reads one that has changed since the statement began once more.
SELECT w.id AS workspace_id,
       b.job_id,
       b.template_version_id,
       CAST(b.build_number AS bigint) AS build_number,
       {parameters b.id} AS parameters,
       CAST(j.tags AS text) AS tags
FROM {rows $1 n: preset_id uuid, template_id uuid, workspace_id uuid}
{look_up workspaces AS w ON w.id = n.workspace_id}
{look_up workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}}
{look_up provisioner_jobs AS j ON j.id = b.job_id}
{look_up templates AS t ON t.id = n.template_id}
WHERE {claimable n.preset_id}
{lock w}

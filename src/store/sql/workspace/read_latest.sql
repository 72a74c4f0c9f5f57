-- The latest builds of the workspaces $1 that are not deleted.
SELECT w.id AS workspace_id,
       b.job_id,
       b.template_version_id,
       CAST(b.build_number AS bigint) AS build_number,
       {parameters b.id} AS parameters,
       CAST(j.tags AS text) AS tags
FROM ({ids $1}) AS n
{look_up workspaces AS w ON w.id = n.id}
{look_up workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}}
{look_up provisioner_jobs AS j ON j.id = b.job_id}
WHERE NOT w.deleted

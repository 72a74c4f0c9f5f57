-- The latest builds of the workspaces $1 that are not deleted.
SELECT w.id AS workspace_id,
       b.job_id,
       b.template_version_id,
       CAST(b.build_number AS bigint) AS build_number,
       {parameters b.id} AS parameters,
       CAST(j.tags AS text) AS tags
FROM workspaces AS w
JOIN workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}
JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE w.id IN ({ids $1})
  AND NOT w.deleted

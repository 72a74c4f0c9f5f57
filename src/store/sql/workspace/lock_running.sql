-- The workspaces of $1 (workspace_id, build_id) that are still the prebuilds user's ($2), with that
-- build as their latest one, which has ended. Locks their rows, skipping those that another
-- transaction has locked: a claim in flight wins, and a claim that comes later finds the row locked
-- and takes another. On SQLite the transaction is the only writer.
SELECT w.id AS workspace_id,
       b.id,
       b.job_id,
       b.template_version_id,
       CAST(b.build_number AS bigint) AS build_number
FROM {rows $1 n: workspace_id uuid, build_id uuid}
JOIN workspaces AS w ON w.id = n.workspace_id
JOIN workspace_builds AS b ON b.id = n.build_id AND b.workspace_id = w.id
JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE w.owner_id = $2
  AND NOT w.deleted
  AND j.job_status NOT IN ('pending', 'running', 'canceling')
  AND NOT EXISTS (SELECT 1
                  FROM workspace_builds AS later
                  WHERE later.workspace_id = b.workspace_id
                    AND later.build_number > b.build_number)
{lock w}

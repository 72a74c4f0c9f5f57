-- At most $5 jobs that a worker with the jobs $1 may take, with all that a build needs to know: jobs
-- of workspace builds that no worker has begun, and those whose worker sent its last heartbeat
-- before $2. Only jobs with tags among $4. People's jobs come before those of the prebuilds user ($3),
-- then the oldest.
--
-- Rows that another worker is taking are passed over. They are locked here and changed by a second
-- statement: an UPDATE with this as a subquery may run the subquery again and take more than $5.
SELECT j.id,
       b.id AS build_id,
       CAST(b.build_number AS bigint) AS build_number,
       CAST(b.transition AS text) AS transition,
       CAST(j.input ->> 'prebuilt_workspace_stage' AS bigint) AS stage,
       b.provisioner_state AS state,
       w.id AS workspace_id,
       w.name AS workspace_name,
       w.owner_id,
       u.username AS owner_name,
       o.name AS organization_name,
       t.name AS template_name,
       v.name AS version_name,
       p.name AS preset_name,
       CAST(j.logs_length AS bigint) AS logs_length,
       j.logs_overflowed,
       j.canceled_at IS NOT NULL AS canceled,
       CASE WHEN j.started_at IS NOT NULL THEN j.updated_at END AS last_heartbeat
FROM provisioner_jobs AS j
JOIN workspace_builds AS b ON b.job_id = j.id
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN users AS u ON u.id = w.owner_id
JOIN template_versions AS v ON v.id = b.template_version_id
JOIN templates AS t ON t.id = w.template_id
JOIN organizations AS o ON o.id = w.organization_id
LEFT JOIN template_version_presets AS p ON p.id = b.template_version_preset_id
WHERE j.job_status IN ('pending', 'running', 'canceling')
  AND j.type = 'workspace_build'
  AND (j.started_at IS NULL OR (j.updated_at < $2 AND j.id NOT IN ({ids $1})))
  AND CAST(j.tags AS text) IN ({texts $4})
ORDER BY j.initiator_id = $3, j.created_at, j.id
LIMIT $5
{lock j}

-- Live workspaces of the prebuilds user ($1) whose latest build is a failed start: the newest three
-- of each preset, with the beginning of the error.
--
-- Starts from the prebuilds user's few workspaces and looks each one's latest build up by
-- (workspace_id, build_number), as the statement of the snapshot does.
SELECT preset_id, workspace_name, at, error
FROM (
    SELECT latest.template_version_preset_id AS preset_id,
           w.name AS workspace_name,
           latest.created_at AS at,
           substr(coalesce(latest.error, ''), 1, 2000) AS error,
           row_number() OVER (
               PARTITION BY latest.template_version_preset_id
               ORDER BY latest.created_at DESC, latest.id
           ) AS place
    FROM workspaces AS w
    CROSS JOIN LATERAL (
        SELECT b.id, b.template_version_preset_id, b.transition, b.created_at, j.job_status, j.error
        FROM workspace_builds AS b
        JOIN provisioner_jobs AS j ON j.id = b.job_id
        WHERE b.workspace_id = w.id
        ORDER BY b.build_number DESC
        LIMIT 1
    ) AS latest
    WHERE w.owner_id = $1
      AND NOT w.deleted
      AND latest.transition = 'start'
      AND latest.job_status = 'failed'
      AND latest.template_version_preset_id IS NOT NULL
) AS failed
WHERE place <= 3
ORDER BY preset_id, place

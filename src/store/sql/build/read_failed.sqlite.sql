-- Live workspaces of the prebuilds user ($1) whose latest build is a failed start: the newest three
-- of each preset, with the beginning of the error. SQLite looks the latest builds up by itself, which
-- PostgreSQL needs LATERAL for.
SELECT preset_id, workspace_name, at, error
FROM (
    SELECT b.template_version_preset_id AS preset_id,
           w.name AS workspace_name,
           b.created_at AS at,
           substr(coalesce(j.error, ''), 1, 2000) AS error,
           row_number() OVER (
               PARTITION BY b.template_version_preset_id
               ORDER BY b.created_at DESC, b.id
           ) AS place
    FROM workspaces AS w
    JOIN workspace_builds AS b
        ON b.workspace_id = w.id AND b.build_number = {latest w.id}
    JOIN provisioner_jobs AS j ON j.id = b.job_id
    WHERE w.owner_id = $1
      AND NOT w.deleted
      AND b.transition = 'start'
      AND j.job_status = 'failed'
      AND b.template_version_preset_id IS NOT NULL
) AS failed
WHERE place <= 3
ORDER BY preset_id, place

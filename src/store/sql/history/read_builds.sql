-- The builds that the prebuilds user ($1) asked for since $2. Goes through all builds of that user: Coder's
-- tables have no index by time.
SELECT b.created_at,
       CAST(b.transition AS text) AS transition,
       b.build_number = 1 AS is_first,
       o.name AS organization_name,
       t.name AS template_name,
       p.name AS preset_name,
       w.name AS workspace_name,
       CAST(j.job_status AS text) AS job_status,
       j.completed_at,
       nullif(j.error, '') AS error
FROM workspace_builds AS b
{look_up provisioner_jobs AS j ON j.id = b.job_id}
{look_up workspaces AS w ON w.id = b.workspace_id}
JOIN templates AS t ON t.id = w.template_id
JOIN organizations AS o ON o.id = t.organization_id
LEFT JOIN template_version_presets AS p
    ON p.id = COALESCE(b.template_version_preset_id, {pool_preset w.id})
WHERE b.initiator_id = $1 AND b.created_at >= $2
ORDER BY b.created_at, o.name, t.name, p.name, w.name

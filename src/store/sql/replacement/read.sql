-- Claims since $1 that replaced resources. The preset is that of the workspace's first build: the one
-- whose pool it came from.
SELECT w.id AS workspace_id,
       f.template_version_preset_id AS preset_id,
       w.name AS workspace_name,
       u.username AS claimant,
       l.created_at AS at,
       l.output AS replaced
FROM provisioner_job_logs AS l
JOIN workspace_builds AS b ON b.job_id = l.job_id
JOIN workspace_builds AS f ON f.workspace_id = b.workspace_id AND f.build_number = 1
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN users AS u ON u.id = w.owner_id
WHERE l.stage = 'Resource replacement' AND l.created_at >= $1
ORDER BY l.created_at, l.id

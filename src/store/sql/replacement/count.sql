SELECT o.name AS organization_name,
       t.name AS template_name,
       p.name AS preset_name,
       count(DISTINCT b.id) AS count
FROM provisioner_job_logs AS l
JOIN workspace_builds AS b ON b.job_id = l.job_id
JOIN workspace_builds AS f ON f.workspace_id = b.workspace_id AND f.build_number = 1
JOIN template_version_presets AS p ON p.id = f.template_version_preset_id
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN templates AS t ON t.id = w.template_id
JOIN organizations AS o ON o.id = w.organization_id
WHERE l.stage = 'Resource replacement'
GROUP BY o.name, t.name, p.name
ORDER BY o.name, t.name, p.name

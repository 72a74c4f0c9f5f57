-- The presets of active versions of templates that are in use.
SELECT o.name AS organization_name, t.name AS template_name, p.name AS preset_name
FROM template_version_presets AS p
JOIN templates AS t ON t.active_version_id = p.template_version_id
JOIN organizations AS o ON o.id = t.organization_id
WHERE p.desired_instances IS NOT NULL AND NOT t.deleted AND t.deprecated = ''
ORDER BY o.name, t.name, p.name, p.id

SELECT count(*)
FROM template_version_presets AS p
JOIN templates AS t ON t.active_version_id = p.template_version_id
WHERE p.desired_instances IS NOT NULL AND NOT t.deleted AND t.deprecated = ''

-- The pools of the presets $1.
SELECT {pool_row p}
FROM template_version_presets AS p
JOIN template_versions AS v ON v.id = p.template_version_id
JOIN templates AS t ON t.id = v.template_id
JOIN organizations AS o ON o.id = t.organization_id
WHERE p.id IN ({ids $1})

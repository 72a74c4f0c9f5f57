-- What can be asked for: every template with its active version and that one's presets, and preset
-- $1, whatever its version. A template without presets is a row as well.
SELECT {pool_row p}
FROM templates AS t
JOIN organizations AS o ON o.id = t.organization_id
JOIN template_versions AS v ON v.template_id = t.id
LEFT JOIN template_version_presets AS p ON p.template_version_id = v.id
WHERE v.id = t.active_version_id OR p.id = $1
ORDER BY o.name, t.name, p.name, p.id

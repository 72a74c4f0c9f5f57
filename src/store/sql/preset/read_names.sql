SELECT id, name
FROM template_version_presets
WHERE id IN ({ids $1})

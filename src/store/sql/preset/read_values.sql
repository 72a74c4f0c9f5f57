-- The values of the presets of the given template versions; a preset without any is a row, too.
SELECT p.template_version_id, p.id AS preset_id, v.name, v.value
FROM template_version_presets AS p
LEFT JOIN template_version_preset_parameters AS v ON v.template_version_preset_id = p.id
WHERE p.template_version_id IN ({ids $1})
ORDER BY v.id

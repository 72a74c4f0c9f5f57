-- Every template by name, with each preset of its active version or with nulls where there is none.
SELECT t.id AS template_id,
       o.name AS organization_name,
       t.name AS template_name,
       p.id AS preset_id,
       p.name AS preset_name
FROM templates AS t
JOIN organizations AS o ON o.id = t.organization_id
LEFT JOIN template_version_presets AS p ON p.template_version_id = t.active_version_id
ORDER BY o.name, t.name, p.name, t.id

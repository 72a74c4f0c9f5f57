-- All versions of the templates that the name $1 fits, with that of its organization or without.
SELECT v.id,
       v.name,
       t.id AS template_id,
       t.name AS template_name,
       o.name AS organization_name,
       v.id = t.active_version_id AS is_active
FROM templates AS t
JOIN organizations AS o ON o.id = t.organization_id
JOIN template_versions AS v ON v.template_id = t.id
WHERE NOT t.deleted AND (t.name = $1 OR o.name || '/' || t.name = $1)

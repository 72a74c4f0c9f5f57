SELECT t.id,
       o.name AS organization,
       t.name,
       t.display_name,
       t.description,
       t.icon,
       t.deprecated,
       v.id AS active_version_id
FROM templates AS t
JOIN organizations AS o ON o.id = t.organization_id
LEFT JOIN template_versions AS v ON v.id = t.active_version_id AND v.template_id = t.id
WHERE NOT t.deleted
ORDER BY t.id

SELECT t.id, t.name, o.name AS organization_name, t.active_version_id
FROM templates AS t
JOIN organizations AS o ON o.id = t.organization_id
WHERE t.id IN ({ids $1})

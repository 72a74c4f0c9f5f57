-- What can be asked for: every template with its active version and that one's presets, and preset
-- $1, whatever its version. A template without presets is a row as well.
SELECT t.id AS template_id,
       t.name AS template_name,
       o.name AS organization_name,
       t.deleted AS template_deleted,
       t.deprecated,
       CASE WHEN t.default_ttl > 0 THEN t.default_ttl END AS default_ttl,
       v.id AS template_version_id,
       v.id = t.active_version_id AS using_active_version,
       p.desired_instances IS NOT NULL AS has_pool,
       p.id AS preset_id,
       p.name AS preset_name
FROM templates AS t
JOIN organizations AS o ON o.id = t.organization_id
JOIN template_versions AS v ON v.template_id = t.id
LEFT JOIN template_version_presets AS p ON p.template_version_id = v.id
WHERE v.id = t.active_version_id OR p.id = $1
ORDER BY o.name, t.name, p.name, p.id

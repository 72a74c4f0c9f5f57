-- The rest of a statement that begins with the presets' marks of invalidation, which depend on the database.
       AS last_invalidated_at,
       p.id,
       p.name,
       o.id AS organization_id,
       o.name AS organization_name,
       t.id AS template_id,
       t.name AS template_name,
       v.id AS template_version_id,
       v.name AS template_version_name,
       v.id = t.active_version_id AS using_active_version,
       t.deleted,
       t.deprecated <> '' AS deprecated,
       CAST(p.desired_instances AS bigint) AS desired_instances,
       CAST(p.invalidate_after_secs AS bigint) AS ttl_secs,
       p.scheduling_timezone,
       CAST(p.prebuild_status AS text) AS prebuild_status
FROM template_version_presets AS p
JOIN template_versions AS v ON v.id = p.template_version_id
JOIN templates AS t ON t.id = v.template_id
JOIN organizations AS o ON o.id = t.organization_id
WHERE p.desired_instances IS NOT NULL

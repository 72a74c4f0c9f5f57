-- The presets of the given template versions ($1, a JSON array of ids), a row for each schedule.
SELECT p.template_version_id,
       p.id,
       p.name,
       p.description,
       p.icon,
       p.is_default,
       CAST(p.desired_instances AS bigint) AS desired_instances,
       CAST(p.invalidate_after_secs AS bigint) AS invalidate_after_secs,
       p.scheduling_timezone,
       s.cron_expression,
       CAST(s.desired_instances AS bigint) AS schedule_instances
FROM template_version_presets AS p
LEFT JOIN template_version_preset_prebuild_schedules AS s ON s.preset_id = p.id
WHERE p.template_version_id IN ({ids $1})

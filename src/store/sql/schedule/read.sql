-- The schedules of presets with prebuilds configured, of all versions.
SELECT s.id,
       s.preset_id,
       s.cron_expression,
       CAST(s.desired_instances AS bigint) AS desired_instances
FROM template_version_preset_prebuild_schedules AS s
JOIN template_version_presets AS p ON p.id = s.preset_id
WHERE p.desired_instances IS NOT NULL

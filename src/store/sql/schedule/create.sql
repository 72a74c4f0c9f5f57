INSERT INTO template_version_preset_prebuild_schedules (id, preset_id, cron_expression,
                                                        desired_instances)
SELECT id, preset_id, name, value
FROM {rows $1 n: id uuid, preset_id uuid, name text, value integer}

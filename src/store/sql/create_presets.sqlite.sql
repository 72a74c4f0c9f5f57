-- The presets of $1 for template version $2, created at $3.
INSERT INTO template_version_presets (
    id, template_version_id, name, created_at, desired_instances, invalidate_after_secs,
    scheduling_timezone, is_default, description, icon)
SELECT value ->> 'id', $2, value ->> 'name', $3, value ->> 'desired_instances',
       value ->> 'invalidate_after_secs', value ->> 'scheduling_timezone', value ->> 'is_default',
       value ->> 'description', value ->> 'icon'
FROM json_each($1)

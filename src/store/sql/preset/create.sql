-- The presets of $1 for template version $2, created at $3.
INSERT INTO template_version_presets (
    id, template_version_id, name, created_at, desired_instances, invalidate_after_secs,
    scheduling_timezone, is_default, description, icon)
SELECT id, $2, name, $3, desired_instances, invalidate_after_secs, scheduling_timezone, is_default,
       description, icon
FROM {rows $1 n:
    id uuid, name text, desired_instances integer, invalidate_after_secs integer,
    scheduling_timezone text, is_default boolean, description text, icon text}

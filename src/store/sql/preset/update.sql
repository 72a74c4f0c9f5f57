-- Changes the presets of $1 in place.
UPDATE template_version_presets AS p
SET desired_instances = n.desired_instances,
    invalidate_after_secs = n.invalidate_after_secs,
    scheduling_timezone = n.scheduling_timezone,
    is_default = n.is_default,
    description = n.description,
    icon = n.icon
FROM {rows $1 n:
    id uuid, desired_instances integer, invalidate_after_secs integer, scheduling_timezone text,
    is_default boolean, description text, icon text}
WHERE p.id = n.id

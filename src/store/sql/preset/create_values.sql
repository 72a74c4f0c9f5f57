INSERT INTO template_version_preset_parameters (id, template_version_preset_id, name, value)
SELECT id, preset_id, name, value
FROM {rows $1 n: id uuid, preset_id uuid, name text, value text}

-- Deletes the schedules of the presets of template version $1.
DELETE FROM template_version_preset_prebuild_schedules
WHERE preset_id IN (SELECT id FROM template_version_presets WHERE template_version_id = $1)

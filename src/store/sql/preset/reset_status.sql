UPDATE template_version_presets
SET prebuild_status = 'healthy'
WHERE prebuild_status <> 'healthy' AND id IN ({ids $1})

UPDATE template_version_presets
SET prebuild_status = {cast $2 prebuild_status}
WHERE id IN ({ids $1})

(SELECT v.template_id
 FROM template_version_presets AS p
 JOIN template_versions AS v ON v.id = p.template_version_id
 WHERE p.id = {})

(SELECT n.template_version_preset_id
 FROM workspace_builds AS n
 WHERE n.workspace_id = {} AND n.template_version_preset_id IS NOT NULL
 ORDER BY n.build_number DESC
 LIMIT 1)

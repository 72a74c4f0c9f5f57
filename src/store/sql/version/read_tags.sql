SELECT template_version_id, key, value
FROM template_version_workspace_tags
WHERE template_version_id IN ({ids $1})

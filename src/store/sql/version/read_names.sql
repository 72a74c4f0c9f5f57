SELECT template_id, name
FROM template_versions
WHERE template_id IS NOT NULL

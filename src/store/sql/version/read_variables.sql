SELECT template_version_id,
       name,
       CAST(type AS text) AS kind,
       value,
       default_value,
       sensitive
FROM template_version_variables
WHERE template_version_id IN ({ids $1})

SELECT template_version_id,
       name,
       CAST(type AS text) AS kind,
       CASE value WHEN '' THEN default_value ELSE value END AS value
FROM template_version_variables
WHERE template_version_id IN ({ids $1})

-- The parameters that the given template versions ($1, a JSON array of ids) declare.
SELECT template_version_id,
       name,
       description,
       type AS kind,
       mutable,
       default_value,
       icon,
       options AS "template_version_parameters.options",
       validation_regex,
       validation_min,
       validation_max,
       validation_error,
       validation_monotonic,
       required,
       display_name,
       display_order,
       ephemeral,
       form_type
FROM template_version_parameters
WHERE template_version_id IN (SELECT value FROM json_each($1))
ORDER BY template_version_id, name

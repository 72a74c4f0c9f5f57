-- The parameters that the given template versions ($1, a JSON array of ids) declare.
SELECT template_version_id,
       name,
       description,
       type AS kind,
       mutable,
       default_value,
       icon,
       CAST(options AS text) AS "template_version_parameters.options",
       validation_regex,
       CAST(validation_min AS bigint) AS validation_min,
       CAST(validation_max AS bigint) AS validation_max,
       validation_error,
       validation_monotonic,
       required,
       display_name,
       CAST(display_order AS bigint) AS display_order,
       ephemeral,
       CAST(form_type AS text) AS form_type
FROM template_version_parameters
WHERE template_version_id IN ({ids $1})
ORDER BY template_version_id, name

-- The parameters of $1 for template version $2.
INSERT INTO template_version_parameters (
    template_version_id, name, description, type, mutable, default_value, icon, options,
    validation_regex, validation_min, validation_max, validation_error, validation_monotonic,
    required, display_name, display_order, ephemeral, form_type)
SELECT $2, value ->> 'name', value ->> 'description', value ->> 'kind', value ->> 'mutable',
       value ->> 'default_value', value ->> 'icon', value -> 'options',
       value ->> 'validation_regex', value ->> 'validation_min', value ->> 'validation_max',
       value ->> 'validation_error', value ->> 'validation_monotonic', value ->> 'required',
       value ->> 'display_name', value ->> 'display_order', value ->> 'ephemeral',
       value ->> 'form_type'
FROM json_each($1)

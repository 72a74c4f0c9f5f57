-- The parameters of $1 for template version $2.
INSERT INTO template_version_parameters (
    template_version_id, name, description, type, mutable, default_value, icon, options,
    validation_regex, validation_min, validation_max, validation_error, validation_monotonic,
    required, display_name, display_order, ephemeral, form_type)
SELECT $2, name, description, kind, mutable, default_value, icon, options,
       validation_regex, validation_min, validation_max, validation_error, validation_monotonic,
       required, display_name, display_order, ephemeral, form_type
FROM {rows $1 n:
    name text, description text, kind text, mutable boolean, default_value text, icon text,
    options jsonb, validation_regex text, validation_min integer, validation_max integer,
    validation_error text, validation_monotonic text, required boolean, display_name text,
    display_order integer, ephemeral boolean, form_type parameter_form_type}

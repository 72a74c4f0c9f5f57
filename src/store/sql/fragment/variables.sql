CAST(COALESCE((SELECT jsonb_agg(jsonb_build_object(
                   'name', a.name, 'kind', CAST(a.type AS text), 'value', a.value,
                   'default_value', a.default_value, 'sensitive', a.sensitive))
               FROM template_version_variables AS a
               WHERE a.template_version_id = {}), '[]') AS text)

CAST(COALESCE((SELECT {either jsonb_object_agg(p.name, p.value) | json_group_object(p.name, p.value)}
               FROM workspace_build_parameters AS p
               WHERE p.workspace_build_id = {}), '{ }') AS text)

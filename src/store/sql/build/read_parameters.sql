SELECT workspace_build_id, name, value
FROM workspace_build_parameters
WHERE workspace_build_id IN ({ids $1})

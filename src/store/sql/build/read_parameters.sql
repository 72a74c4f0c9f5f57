SELECT name, value
FROM workspace_build_parameters
WHERE workspace_build_id = $1
ORDER BY name

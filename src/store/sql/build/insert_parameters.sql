INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
SELECT build_id, name, value
FROM {rows $1 n: build_id uuid, name text, value text}

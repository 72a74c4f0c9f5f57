INSERT INTO workspace_agents (id, created_at, updated_at, started_at, ready_at, lifecycle_state,
                              resource_id, auth_token, name, operating_system, architecture,
                              directory)
SELECT id, $2, $2, $2, $2, 'ready', resource_id, auth_token, name, operating_system, architecture,
       directory
FROM {rows $1 n:
    id uuid, resource_id uuid, auth_token uuid, name text, operating_system text,
    architecture text, directory text}

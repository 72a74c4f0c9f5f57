INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
SELECT id, $3, $2, transition, kind, name
FROM {rows $1 n: id uuid, transition workspace_transition, kind text, name text}

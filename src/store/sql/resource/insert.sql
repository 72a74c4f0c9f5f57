INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
SELECT id, $2, job_id, transition, kind, name
FROM {rows $1 n: id uuid, job_id uuid, transition workspace_transition, kind text, name text}

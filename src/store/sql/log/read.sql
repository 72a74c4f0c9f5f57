-- The lines of job $1 after the one with number $2, at most $3 of them.
SELECT id AS number, created_at AS at, CAST(level AS text) AS level, stage, output
FROM provisioner_job_logs
WHERE job_id = $1 AND id > $2
ORDER BY id
LIMIT $3

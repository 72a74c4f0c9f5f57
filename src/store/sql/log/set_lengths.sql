-- Says how full the logs of $2 are, of those jobs that are still the worker's ($1).
UPDATE provisioner_jobs
SET logs_length = n.logs_length, logs_overflowed = n.logs_overflowed, updated_at = $3
FROM {rows $2 n: id uuid, logs_length integer, logs_overflowed boolean}
WHERE provisioner_jobs.id = n.id AND worker_id = $1
  AND started_at IS NOT NULL AND completed_at IS NULL
RETURNING provisioner_jobs.id

-- Completes those of the jobs of $2 that are still the worker's ($1).
UPDATE provisioner_jobs
SET completed_at = $3,
    updated_at = $3,
    error = n.error,
    canceled_at = CASE WHEN n.canceled THEN COALESCE(canceled_at, $3) ELSE canceled_at END,
    logs_length = n.logs_length,
    logs_overflowed = n.logs_overflowed
FROM {rows $2 n:
    id uuid, error text, canceled boolean, logs_length integer, logs_overflowed boolean}
WHERE provisioner_jobs.id = n.id AND worker_id = $1
  AND started_at IS NOT NULL AND completed_at IS NULL
RETURNING provisioner_jobs.id

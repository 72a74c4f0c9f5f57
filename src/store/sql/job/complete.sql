UPDATE provisioner_jobs
SET completed_at = $3,
    updated_at = $3,
    error = $4,
    canceled_at = CASE WHEN $5 THEN COALESCE(canceled_at, $3) ELSE canceled_at END,
    logs_length = $6,
    logs_overflowed = $7
WHERE id = $2 AND worker_id = $1 AND started_at IS NOT NULL AND completed_at IS NULL

UPDATE provisioner_jobs
SET logs_length = $3, logs_overflowed = $4, updated_at = $5
WHERE id = $2 AND worker_id = $1 AND started_at IS NOT NULL AND completed_at IS NULL

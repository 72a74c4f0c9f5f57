UPDATE provisioner_jobs
SET updated_at = $2
WHERE worker_id = $1 AND started_at IS NOT NULL AND completed_at IS NULL AND id IN ({ids $3})
RETURNING id, canceled_at IS NOT NULL

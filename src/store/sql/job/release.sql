UPDATE provisioner_jobs
SET worker_id = NULL, started_at = NULL, updated_at = $2
WHERE worker_id = $1 AND completed_at IS NULL AND id IN ({ids $3})

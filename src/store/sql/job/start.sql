UPDATE provisioner_jobs
SET worker_id = $1, started_at = $2, updated_at = $2
WHERE id IN ({ids $3})

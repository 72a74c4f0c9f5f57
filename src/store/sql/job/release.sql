UPDATE provisioner_jobs
SET worker_id = NULL, started_at = NULL, updated_at = $2
WHERE id = $3 AND worker_id = $1 AND completed_at IS NULL

-- Puts the jobs of the worker $1 back that aren't among $3.
UPDATE provisioner_jobs
SET worker_id = NULL, started_at = NULL, updated_at = $2
WHERE worker_id = $1 AND started_at IS NOT NULL AND completed_at IS NULL AND id NOT IN ({ids $3})

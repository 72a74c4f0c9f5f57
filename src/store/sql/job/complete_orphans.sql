UPDATE provisioner_jobs
SET updated_at = $2, started_at = $2, completed_at = $2, error = NULL, error_code = NULL
WHERE id IN ({ids $1})

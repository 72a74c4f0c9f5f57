UPDATE provisioner_jobs
SET canceled_at = $2, completed_at = $2
WHERE id IN ({ids $1})

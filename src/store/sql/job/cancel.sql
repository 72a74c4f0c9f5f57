UPDATE provisioner_jobs
SET canceled_at = $2,
    completed_at = $2,
    started_at = CASE WHEN $3 THEN $2 ELSE started_at END
WHERE id IN ({ids $1})

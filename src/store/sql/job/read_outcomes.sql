SELECT id, CAST(job_status AS text) AS status, nullif(error, '') AS error
FROM provisioner_jobs
WHERE id IN ({ids $1})

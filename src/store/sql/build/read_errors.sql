SELECT b.id, j.error
FROM workspace_builds AS b
JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE b.id IN ({ids $1}) AND j.error <> ''

SELECT DISTINCT CAST(j.tags AS text)
FROM provisioner_jobs AS j
JOIN workspace_builds AS b ON b.job_id = j.id
WHERE j.job_status IN ('pending', 'running', 'canceling')
  AND j.type = 'workspace_build'
  AND (j.started_at IS NULL OR (j.updated_at < $2 AND j.id NOT IN ({ids $1})))

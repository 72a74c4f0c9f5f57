(SELECT id
 FROM provisioner_jobs
 WHERE job_status IN ('pending', 'running', 'canceling') AND (created_at > {} OR started_at > {})
 UNION ALL
 SELECT id
 FROM provisioner_jobs
 WHERE completed_at > {})

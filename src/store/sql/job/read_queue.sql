SELECT count(*) AS waiting, min(created_at) AS oldest
FROM provisioner_jobs
WHERE job_status = 'pending' AND initiator_id = $1

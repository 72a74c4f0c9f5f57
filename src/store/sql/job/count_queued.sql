SELECT count(*)
FROM provisioner_jobs
WHERE job_status IN ('pending', 'running') AND initiator_id = $1

-- The builds that wait and that somebody else than the prebuilds user ($1) has asked for.
SELECT count(*) AS waiting,
       min(created_at) AS oldest,
       count(CASE WHEN CAST(input ->> 'prebuilt_workspace_stage' AS text) = '2' THEN 1 END) AS claims
FROM provisioner_jobs
WHERE job_status = 'pending' AND initiator_id <> $1 AND type = 'workspace_build'

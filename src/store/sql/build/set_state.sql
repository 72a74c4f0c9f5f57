UPDATE workspace_builds
SET provisioner_state = $2, updated_at = $3
WHERE job_id = $1

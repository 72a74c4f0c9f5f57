-- First builds that the prebuilds user ($1) started, on a version that is no longer the active one
-- of the workspace's template, and that nobody has begun: these can be cancelled. Builds without a
-- preset are left out.
SELECT b.template_version_preset_id AS preset_id, count(*) AS count
FROM provisioner_jobs AS j
JOIN workspace_builds AS b ON b.job_id = j.id
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN templates AS t ON t.id = w.template_id
WHERE j.job_status = 'pending'
  AND j.worker_id IS NULL
  AND j.canceled_at IS NULL
  AND j.completed_at IS NULL
  AND b.initiator_id = $1
  AND b.build_number = 1
  AND b.transition = 'start'
  AND b.template_version_id <> t.active_version_id
  AND b.template_version_preset_id IS NOT NULL
GROUP BY b.template_version_preset_id

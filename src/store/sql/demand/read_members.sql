-- The members that pools had at some time since $2: when each was asked for, when it was built and could be
-- claimed, and when it was claimed or went. Its second build is the one that takes it from the pool; members of
-- which some agent has not come up can't be claimed. Goes from the first builds of the prebuilds user ($1):
-- Coder's tables have no index by time.
SELECT {past_member $1}
FROM workspace_builds AS f
{look_up workspaces AS w ON w.id = f.workspace_id}
{look_up provisioner_jobs AS j ON j.id = f.job_id}
LEFT JOIN workspace_builds AS n ON n.workspace_id = f.workspace_id AND n.build_number = 2
WHERE f.initiator_id = $1
  AND f.build_number = 1
  AND f.transition = 'start'
  AND f.template_version_preset_id IS NOT NULL
  AND (n.id IS NULL OR n.created_at >= $2 OR f.created_at >= $2)
ORDER BY f.created_at

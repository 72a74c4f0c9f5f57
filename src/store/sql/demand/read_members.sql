-- The members that pools had at some time since $2: when each was asked for, when it was built and could be
-- claimed, and when it was claimed or went. Its second build is the one that takes it from the pool; members of
-- which some agent has not come up can't be claimed. Goes from the first builds of the prebuilds user ($1):
-- Coder's tables have no index by time.
SELECT f.template_version_preset_id AS preset_id,
       f.created_at,
       CAST(j.job_status AS text) AS job_status,
       j.completed_at,
       (SELECT CASE WHEN count(CASE WHEN a.lifecycle_state IN
                                    ('created', 'starting', 'start_timeout', 'start_error') THEN 1 END) = 0
               THEN COALESCE(max(a.ready_at), j.completed_at) END
        FROM workspace_resources AS r
        {look_up workspace_agents AS a ON a.resource_id = r.id}
        WHERE r.job_id = f.job_id AND a.parent_id IS NULL) AS agents_ready_at,
       w.owner_id <> $1 AS claimed,
       w.deleted,
       COALESCE(n.created_at, CASE WHEN w.deleted OR w.owner_id <> $1 THEN w.updated_at END) AS left_at
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

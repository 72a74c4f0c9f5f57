-- The oldest $3 claimable workspaces of preset $1: the prebuilds user's ($2), their latest build a
-- succeeded start on the active version of a template in use, every agent ready. The transaction is
-- the only writer, so that nothing needs locking, and nothing has to steer the planner.
SELECT w.id AS workspace_id,
       b.job_id,
       b.template_version_id,
       b.build_number,
       {parameters b.id} AS parameters,
       CAST(j.tags AS text) AS tags
FROM workspaces AS w
JOIN templates AS t ON t.id = w.template_id
JOIN workspace_builds AS b
    ON b.workspace_id = w.id AND b.build_number = {latest w.id}
JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE w.owner_id = $2
  AND NOT w.deleted
  AND w.template_id = {template $1}
  AND b.transition = 'start'
  AND j.job_status = 'succeeded'
  AND b.template_version_id = t.active_version_id
  AND NOT t.deleted
  AND t.deprecated = ''
  AND {pool_preset w.id} = $1
  -- Null, which is not true, without agents.
  AND (SELECT {every a.lifecycle_state = 'ready'} {agents b.job_id})
ORDER BY w.created_at, w.id
LIMIT $3

-- The oldest $3 claimable workspaces of preset $1: the prebuilds user's ($2), their latest build a
-- succeeded start on the active version of a template in use, every agent ready. The transaction is
-- the only writer, so that nothing needs locking.
SELECT w.id AS workspace_id,
       b.id,
       b.job_id,
       b.template_version_id,
       b.build_number
FROM workspaces AS w
JOIN templates AS t ON t.id = w.template_id
JOIN workspace_builds AS b
    ON b.workspace_id = w.id
   AND b.build_number =
       (SELECT max(l.build_number) FROM workspace_builds AS l WHERE l.workspace_id = w.id)
JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE w.owner_id = $2
  AND NOT w.deleted
  AND w.template_id = (SELECT v.template_id
                       FROM template_version_presets AS p
                       JOIN template_versions AS v ON v.id = p.template_version_id
                       WHERE p.id = $1)
  AND b.transition = 'start'
  AND j.job_status = 'succeeded'
  AND b.template_version_id = t.active_version_id
  AND NOT t.deleted
  AND t.deprecated = ''
  -- The preset of the newest build that names one.
  AND (SELECT n.template_version_preset_id
       FROM workspace_builds AS n
       WHERE n.workspace_id = w.id AND n.template_version_preset_id IS NOT NULL
       ORDER BY n.build_number DESC
       LIMIT 1) = $1
  -- Null, which is not true, without agents. Deleted agents and sub-agents don't count.
  AND (SELECT min(a.lifecycle_state = 'ready')
       FROM workspace_resources AS r
       JOIN workspace_agents AS a ON a.resource_id = r.id
       WHERE r.job_id = b.job_id AND NOT a.deleted AND a.parent_id IS NULL)
ORDER BY w.created_at, w.id
LIMIT $3

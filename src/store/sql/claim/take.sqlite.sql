-- Of the pool of preset $1 and template $6, the oldest $5 workspaces that can be claimed: the prebuilds
-- user's, their latest build a succeeded start on the active version of a template in use, every
-- agent ready. Those of $2 are left out, and without $3 those whose agents are out of contact at $4.
-- The transaction is the only writer, so that nothing needs locking. CROSS keeps the order of the
-- index by age, so that no more is looked at than is taken.
SELECT $1 AS preset_id,
       w.id AS workspace_id,
       b.job_id,
       b.template_version_id,
       b.build_number,
       {parameters b.id} AS parameters,
       j.tags
FROM workspaces AS w
CROSS JOIN templates AS t ON t.id = w.template_id
CROSS JOIN workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}
CROSS JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE w.template_id = $6
  AND {unclaimed w}
  AND b.transition = 'start'
  AND j.job_status = 'succeeded'
  AND b.template_version_id = t.active_version_id
  AND NOT t.deleted
  AND t.deprecated = ''
  AND w.id NOT IN ({ids $2})
  AND {pool_preset w.id} = $1
  AND {claimable b.job_id}
ORDER BY w.created_at, w.id
LIMIT $5

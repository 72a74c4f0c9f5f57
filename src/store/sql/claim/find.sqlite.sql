-- Of the pool of preset $1 and template $6, the oldest $5 workspaces that can be claimed: the prebuilds
-- user's, their latest build a succeeded start on the active version of a template in use, which is the
-- preset's too, every agent ready. Those of $2 are left out, and without $3 those whose agents are out of contact at $4.
-- CROSS keeps the order of the index by age, so that no more is looked at than is found.
SELECT $1 AS preset_id, w.id
FROM workspaces AS w
CROSS JOIN templates AS t ON t.id = w.template_id
CROSS JOIN workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}
CROSS JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE w.template_id = $6
  AND w.id NOT IN ({ids $2})
  AND {claimable $1}
  AND ($3 OR {in_contact b.job_id})
ORDER BY w.created_at, w.id
LIMIT $5

-- The oldest $3 claimable workspaces of preset $1: the prebuilds user's ($2), their latest build a
-- succeeded start on the active version of a template in use, every agent ready. Locks their rows
-- and skips those that another transaction has locked, a claim or a deletion in flight.
--
-- The inner ORDER BY keeps the subquery a plan of its own whose rows come oldest first, so that the
-- rest looks no further than the limit; LATERAL looks each latest build up by its key. The owner is
-- asked for again on the row that gets locked: PostgreSQL checks that row's conditions once more
-- when it has changed since the statement began.
SELECT w.id AS workspace_id,
       latest.job_id,
       latest.template_version_id,
       CAST(latest.build_number AS bigint) AS build_number,
       {parameters latest.id} AS parameters,
       CAST(j.tags AS text) AS tags
FROM (SELECT id, created_at
      FROM workspaces
      WHERE owner_id = $2
        AND NOT deleted
        AND template_id = {template $1}
      ORDER BY created_at, id) AS oldest
JOIN workspaces AS w ON w.id = oldest.id
CROSS JOIN LATERAL (
    SELECT b.id, b.job_id, b.template_version_id, b.build_number, b.transition
    FROM workspace_builds AS b
    WHERE b.workspace_id = oldest.id
    ORDER BY b.build_number DESC
    LIMIT 1
) AS latest
JOIN provisioner_jobs AS j ON j.id = latest.job_id
JOIN templates AS t ON t.id = w.template_id
WHERE w.owner_id = $2
  AND NOT w.deleted
  AND latest.transition = 'start'
  AND j.job_status = 'succeeded'
  AND latest.template_version_id = t.active_version_id
  AND NOT t.deleted
  AND t.deprecated = ''
  AND {pool_preset oldest.id} = $1
  -- Null, which is not true, without agents. Deleted agents and sub-agents don't count. OFFSET makes
  -- each resource's agents a look-up, where missing statistics would suggest to scan all agents.
  AND (SELECT {every agents.ready}
       FROM workspace_resources AS r
       CROSS JOIN LATERAL (
           SELECT a.lifecycle_state = 'ready' AS ready
           FROM workspace_agents AS a
           WHERE a.resource_id = r.id AND NOT a.deleted AND a.parent_id IS NULL
           OFFSET 0
       ) AS agents
       WHERE r.job_id = latest.job_id)
ORDER BY oldest.created_at, oldest.id
LIMIT $3
{lock w}

-- For each pool of $1, the oldest of its workspaces that can be claimed, up to the count: the prebuilds
-- user's, their latest build a succeeded start on the active version of a template in use, every
-- agent ready. Those of $2 are left out, and without $3 those whose agents are out of contact at $4.
-- Locks their rows and skips those that another transaction has locked, a claim or a deletion in flight.
--
-- Starts from the workspaces of the template, oldest first, and looks no further than the limit; LATERAL
-- and OFFSET look everything up by its key, whatever statistics suggest. The owner is asked for again
-- on the row that gets locked: PostgreSQL checks that row's conditions once more when it has changed
-- since the statement began.
SELECT n.preset_id,
       taken.id AS workspace_id,
       taken.job_id,
       taken.template_version_id,
       CAST(taken.build_number AS bigint) AS build_number,
       {parameters taken.build_id} AS parameters,
       CAST(taken.tags AS text) AS tags
FROM {rows $1 n: preset_id uuid, template_id uuid, count bigint}
CROSS JOIN LATERAL (
    SELECT w.id, b.id AS build_id, b.job_id, b.template_version_id, b.build_number, j.tags
    FROM (SELECT id, created_at
          FROM workspaces AS w
          WHERE w.template_id = n.template_id AND {unclaimed w}
          ORDER BY created_at, id) AS oldest
    JOIN workspaces AS w ON w.id = oldest.id
    CROSS JOIN LATERAL (
        SELECT *
        FROM workspace_builds
        WHERE workspace_id = oldest.id
        ORDER BY build_number DESC
        LIMIT 1
    ) AS b
    {look_up provisioner_jobs AS j ON j.id = b.job_id}
    {look_up templates AS t ON t.id = n.template_id}
    WHERE {unclaimed w}
      AND b.transition = 'start'
      AND j.job_status = 'succeeded'
      AND b.template_version_id = t.active_version_id
      AND NOT t.deleted
      AND t.deprecated = ''
      AND oldest.id NOT IN ({ids $2})
      AND {pool_preset oldest.id} = n.preset_id
      AND {claimable b.job_id}
    ORDER BY oldest.created_at, oldest.id
    LIMIT n.count
    {lock w}
) AS taken

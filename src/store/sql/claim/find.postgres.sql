-- For each pool of $1, the oldest of its workspaces that can be claimed, up to the count: the prebuilds
-- user's, their latest build a succeeded start on the active version of a template in use, which is the
-- preset's too, every agent ready. Those of $2 are left out, and without $3 those whose agents are out of contact at $4.
--
-- Starts from the workspaces of the template, oldest first, and looks no further than the limit; LATERAL
-- and OFFSET look everything up by its key, whatever statistics suggest.
SELECT n.preset_id, found.id
FROM {rows $1 n: preset_id uuid, template_id uuid, count bigint}
CROSS JOIN LATERAL (
    SELECT w.id, w.created_at
    FROM (SELECT id, owner_id, deleted, created_at
          FROM workspaces AS w
          WHERE w.template_id = n.template_id AND {unclaimed w}
          ORDER BY created_at, id) AS w
    CROSS JOIN LATERAL (
        SELECT *
        FROM workspace_builds
        WHERE workspace_id = w.id
        ORDER BY build_number DESC
        LIMIT 1
    ) AS b
    {look_up provisioner_jobs AS j ON j.id = b.job_id}
    {look_up templates AS t ON t.id = n.template_id}
    WHERE w.id NOT IN ({ids $2})
      AND {claimable n.preset_id}
      AND ($3 OR {in_contact b.job_id})
    ORDER BY w.created_at, w.id
    LIMIT n.count
) AS found
ORDER BY found.created_at, found.id

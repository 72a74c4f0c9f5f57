-- At most $2 waiting jobs with tags among $1: people's jobs before those of the prebuilds user, then the
-- oldest; with the last heartbeat of the dead worker that has begun it, if one has, and whether it was begun at all (release.sql).
-- A job without a build
-- can't be run. The oldest of each set of tags are looked up by a subquery, which may depend on the tags
-- as an argument of json_each alone.
SELECT j.id,
       CASE WHEN j.worker_id <> '00000000-0000-0000-0000-000000000000' THEN j.updated_at END
           AS last_heartbeat,
       j.worker_id IS NOT NULL AS was_begun
FROM json_each($1) AS n
CROSS JOIN json_each((
    SELECT json_group_array(o.id)
    FROM (SELECT j.id
          FROM provisioner_jobs AS j
          WHERE {waiting j} AND j.tags = n.value
            AND (SELECT true FROM workspace_builds AS b WHERE b.job_id = j.id)
          ORDER BY j.initiator_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0', j.created_at, j.id
          LIMIT $2) AS o)) AS oldest
CROSS JOIN provisioner_jobs AS j ON j.id = oldest.value
ORDER BY j.initiator_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0', j.created_at, j.id
LIMIT $2

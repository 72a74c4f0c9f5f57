-- At most $2 waiting jobs with tags among $1: people's jobs before those of the prebuilds user, then the
-- oldest; with the last heartbeat of the dead worker that has begun it, if one has, and whether it was begun at all (release.sql).
-- A job without a build
-- can't be run.
--
-- Rows that another worker is taking are passed over, and none is locked that isn't returned: how many
-- jobs of each set of tags it will be is counted first. They are changed by a second statement: an
-- UPDATE with this as a subquery may run the subquery again and take more than $2.
WITH oldest AS MATERIALIZED (
    SELECT first.key, count(*) AS jobs
    FROM (
        SELECT n.key
        FROM (SELECT hashtextextended(tags, 0) FROM ({texts $1}) AS t (tags)) AS n (key)
        CROSS JOIN LATERAL (
            SELECT j.initiator_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0' AS for_pool,
                   j.created_at,
                   j.id
            FROM provisioner_jobs AS j
            WHERE {waiting j} AND hashtextextended(CAST(j.tags AS text), 0) = n.key
            ORDER BY 1, 2, 3
            LIMIT $2
        ) AS j
        ORDER BY j.for_pool, j.created_at, j.id
        LIMIT $2
    ) AS first
    GROUP BY first.key
)
SELECT j.id, j.last_heartbeat, j.was_begun
FROM oldest
CROSS JOIN LATERAL (
    SELECT j.id,
           CASE WHEN j.worker_id <> '00000000-0000-0000-0000-000000000000' THEN j.updated_at END
               AS last_heartbeat,
           j.worker_id IS NOT NULL AS was_begun
    FROM provisioner_jobs AS j
    WHERE {waiting j} AND hashtextextended(CAST(j.tags AS text), 0) = oldest.key
      AND (SELECT true FROM workspace_builds AS b WHERE b.job_id = j.id)
    ORDER BY j.initiator_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0', j.created_at, j.id
    LIMIT oldest.jobs
    {lock j}
) AS j

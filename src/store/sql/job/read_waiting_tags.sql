-- The distinct tags of the jobs that wait, and of those whose worker sent its last heartbeat before $2.
-- The worker that asks has the jobs $1. From one set of tags the index leads to the next, so that it
-- doesn't matter how many jobs wait.
WITH RECURSIVE queue (key) AS (
    SELECT (SELECT {either hashtextextended(CAST(j.tags AS text), 0) | j.tags} AS key
            FROM provisioner_jobs AS j
            WHERE {waiting j}
            ORDER BY key
            LIMIT 1)
    UNION ALL
    SELECT (SELECT {either hashtextextended(CAST(j.tags AS text), 0) | j.tags} AS next
            FROM provisioner_jobs AS j
            WHERE {waiting j}
              AND {either hashtextextended(CAST(j.tags AS text), 0) | j.tags} > queue.key
            ORDER BY next
            LIMIT 1)
    FROM queue
    WHERE queue.key IS NOT NULL
)
SELECT (SELECT CAST(j.tags AS text)
        FROM provisioner_jobs AS j
        WHERE {waiting j}
          AND {either hashtextextended(CAST(j.tags AS text), 0) | j.tags} = queue.key
        LIMIT 1) AS tags
FROM queue
WHERE queue.key IS NOT NULL
UNION
SELECT CAST(j.tags AS text)
FROM provisioner_jobs AS j
WHERE j.started_at IS NOT NULL
  AND j.completed_at IS NULL
  AND j.updated_at < $2
  AND j.type = 'workspace_build'
  AND j.id NOT IN ({ids $1})

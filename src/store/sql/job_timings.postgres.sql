-- Jobs that were made, taken or completed after $1, with the builds that they are for.
--
-- Nothing is indexed by these times alone. Unfinished jobs are few and found by their status; the
-- completed ones are looked up for each worker that there ever was, newest first, by (worker_id,
-- organization_id, completed_at): cost follows workers and what happened since, not jobs. The
-- recursion hops from worker to worker in that index. Jobs that were cancelled before anybody took
-- them have none. OFFSET keeps the planner from joining with all jobs or builds instead.
WITH RECURSIVE workers AS (
    (SELECT worker_id, organization_id
     FROM provisioner_jobs
     WHERE worker_id IS NOT NULL
     ORDER BY worker_id, organization_id
     LIMIT 1)
    UNION ALL
    SELECT following.worker_id, following.organization_id
    FROM workers
    CROSS JOIN LATERAL (
        SELECT worker_id, organization_id
        FROM provisioner_jobs
        WHERE (worker_id, organization_id) > (workers.worker_id, workers.organization_id)
        ORDER BY worker_id, organization_id
        LIMIT 1
    ) AS following
),
recent AS (
    SELECT id
    FROM provisioner_jobs
    WHERE job_status IN ('pending', 'running', 'canceling') AND (created_at > $1 OR started_at > $1)
    UNION ALL
    SELECT completed.id
    FROM workers
    CROSS JOIN LATERAL (
        SELECT id
        FROM provisioner_jobs
        WHERE worker_id = workers.worker_id
          AND organization_id = workers.organization_id
          AND completed_at > $1
        OFFSET 0
    ) AS completed
    UNION ALL
    SELECT untaken.id
    FROM organizations AS o
    CROSS JOIN LATERAL (
        SELECT id
        FROM provisioner_jobs
        WHERE worker_id IS NULL AND organization_id = o.id AND completed_at > $1
        OFFSET 0
    ) AS untaken
)
SELECT j.id,
       j.created_at,
       j.started_at,
       j.completed_at,
       j.worker_id IS NOT NULL AS taken,
       j.job_status = 'succeeded' AS succeeded,
       CAST(j.provisioner AS text) AS provisioner,
       CAST(j.type AS text) AS job_type,
       j.initiator_id,
       j.input ->> 'prebuilt_workspace_stage' AS stage,
       CAST(b.transition AS text) AS transition,
       CAST(b.reason AS text) AS reason,
       CAST(b.build_number AS bigint) AS build_number,
       o.name AS organization_name,
       t.name AS template_name,
       p.name AS preset_name
FROM recent
CROSS JOIN LATERAL (SELECT * FROM provisioner_jobs WHERE id = recent.id LIMIT 1) AS j
LEFT JOIN LATERAL (SELECT * FROM workspace_builds WHERE job_id = j.id LIMIT 1) AS b ON true
LEFT JOIN workspaces AS w ON w.id = b.workspace_id
LEFT JOIN templates AS t ON t.id = w.template_id
LEFT JOIN organizations AS o ON o.id = w.organization_id
LEFT JOIN template_version_presets AS p ON p.id = b.template_version_preset_id

-- Jobs that were made, taken or completed after $1, with the builds that they are for.
--
-- Nothing is indexed by these times alone. Unfinished jobs are few and found by their status; the
-- completed ones are looked up for each worker that there ever was, newest first, by (worker_id,
-- organization_id, completed_at): cost follows workers and what happened since, not jobs. The
-- recursion hops from worker to worker in that index and ends with null, which stands for the jobs
-- that were cancelled before anybody took them. CROSS JOIN keeps SQLite from taking the tables in
-- another order.
WITH RECURSIVE workers (worker_id) AS (
    SELECT min(worker_id) FROM provisioner_jobs
    UNION ALL
    SELECT (SELECT min(j.worker_id) FROM provisioner_jobs AS j WHERE j.worker_id > workers.worker_id)
    FROM workers
    WHERE workers.worker_id IS NOT NULL
),
recent AS (
    SELECT id
    FROM provisioner_jobs
    WHERE job_status IN ('pending', 'running', 'canceling') AND (created_at > $1 OR started_at > $1)
    UNION ALL
    SELECT completed.id
    FROM workers
    CROSS JOIN organizations AS o
    CROSS JOIN provisioner_jobs AS completed
        ON completed.worker_id IS workers.worker_id
        AND completed.organization_id = o.id
        AND completed.completed_at > $1
)
SELECT j.id,
       j.created_at,
       j.started_at,
       j.completed_at,
       j.worker_id IS NOT NULL AS taken,
       j.job_status = 'succeeded' AS succeeded,
       j.provisioner,
       j.type AS job_type,
       j.initiator_id,
       CAST(j.input ->> 'prebuilt_workspace_stage' AS TEXT) AS stage,
       b.transition,
       b.reason,
       b.build_number,
       o.name AS organization_name,
       t.name AS template_name,
       p.name AS preset_name
FROM recent
CROSS JOIN provisioner_jobs AS j ON j.id = recent.id
LEFT JOIN workspace_builds AS b ON b.job_id = j.id
LEFT JOIN workspaces AS w ON w.id = b.workspace_id
LEFT JOIN templates AS t ON t.id = w.template_id
LEFT JOIN organizations AS o ON o.id = w.organization_id
LEFT JOIN template_version_presets AS p ON p.id = b.template_version_preset_id

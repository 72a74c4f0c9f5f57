-- Jobs that were made, taken or completed after $1, on a database of Coder.
--
-- Nothing there is indexed by these times alone. Unfinished jobs are few and found by their status.
-- Completed ones are looked up for each daemon that was alive of late (they say so every minute), by
-- (worker_id, organization_id, completed_at), and those that nobody had taken by their organization.
-- OFFSET keeps the planner from turning these look-ups into a join with all jobs.
WITH recent AS (
    SELECT id
    FROM provisioner_jobs
    WHERE job_status IN ('pending', 'running', 'canceling') AND (created_at > $1 OR started_at > $1)
    UNION ALL
    SELECT completed.id
    FROM provisioner_daemons AS d
    CROSS JOIN LATERAL (
        SELECT id
        FROM provisioner_jobs
        WHERE worker_id = d.id AND organization_id = d.organization_id AND completed_at > $1
        OFFSET 0
    ) AS completed
    WHERE d.last_seen_at IS NULL OR d.last_seen_at > $1 - interval '5 minutes'
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

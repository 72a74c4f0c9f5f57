-- Jobs that were made, taken or completed after $1: by their status, and by an index that Coder's
-- databases lack.
WITH recent AS (
    SELECT id
    FROM provisioner_jobs
    WHERE job_status IN ('pending', 'running', 'canceling') AND (created_at > $1 OR started_at > $1)
    UNION ALL
    SELECT id
    FROM provisioner_jobs
    WHERE completed_at > $1
)

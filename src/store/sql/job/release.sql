-- Puts the jobs $3 of the worker $1 back. Those of $4 were begun, so that something of theirs may exist: the nil id
-- says so, and stands for no worker.
UPDATE provisioner_jobs
SET worker_id = CASE WHEN id IN ({ids $4}) THEN CAST('00000000-0000-0000-0000-000000000000' AS {either uuid | text}) END,
    started_at = NULL,
    updated_at = $2
WHERE worker_id = $1 AND started_at IS NOT NULL AND completed_at IS NULL AND id IN ({ids $3})

-- Lets the jobs wait again whose worker sent its last heartbeat before $2, but those of the worker that
-- asks ($1). Their rows go on to name the dead worker: it has begun to build them.
UPDATE provisioner_jobs
SET started_at = NULL
WHERE id IN (
    SELECT j.id
    FROM provisioner_jobs AS j
    WHERE j.started_at IS NOT NULL
      AND j.completed_at IS NULL
      AND j.updated_at < $2
      AND j.type = 'workspace_build'
      AND j.id NOT IN ({ids $1})
    {lock j})

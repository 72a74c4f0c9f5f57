-- Puts the jobs of the worker $1 back that aren't among $3, as if they had been begun (release.sql): some of them may
-- have been before it took them.
UPDATE provisioner_jobs
SET worker_id = '00000000-0000-0000-0000-000000000000', started_at = NULL, updated_at = $2
WHERE worker_id = $1 AND started_at IS NOT NULL AND completed_at IS NULL AND id NOT IN ({ids $3})

-- Those of the jobs $2 that the worker $1 has completed.
SELECT j.id
FROM ({ids $2}) AS n
{look_up provisioner_jobs AS j ON j.id = n.id}
WHERE j.worker_id = $1 AND j.started_at IS NOT NULL AND j.completed_at IS NOT NULL

-- How job $1 stands. Releases from before logs had a limit have no column for their being full.
SELECT CAST(j.job_status AS text) AS job_status,
       nullif(j.error, '') AS error,
       j.created_at,
       {either COALESCE(CAST(to_jsonb(j) ->> 'logs_overflowed' AS boolean), false) | j.logs_overflowed}
           AS logs_overflowed
FROM provisioner_jobs AS j
WHERE j.id = $1

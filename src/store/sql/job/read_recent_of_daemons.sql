-- The jobs under way, and those that provisioners have completed after $1, on Coder's databases, whose jobs have no
-- index by time: a range of the index by provisioner for each of them. coderd forgets one a week after it was last seen.
SELECT id
FROM provisioner_jobs
WHERE job_status IN ('pending', 'running', 'canceling')
UNION ALL
SELECT j.id
FROM provisioner_daemons AS d
CROSS JOIN LATERAL (SELECT j.id
                    FROM provisioner_jobs AS j
                    WHERE j.worker_id = d.id AND j.organization_id = d.organization_id AND j.completed_at > $1
                    OFFSET 0) AS j

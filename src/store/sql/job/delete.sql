DELETE FROM provisioner_jobs
WHERE id IN ({ids $1})

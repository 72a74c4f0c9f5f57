-- The tags of the jobs of the builds $1.
SELECT n.id, CAST(j.tags AS text)
FROM ({ids $1}) AS n
{look_up workspace_builds AS b ON b.id = n.id}
{look_up provisioner_jobs AS j ON j.id = b.job_id}

-- The workspaces that the jobs $2 are the first ones of and that people, who are not the prebuilds user ($1), got without
-- a pool: the same of each as `read_requests` tells.
SELECT {past_request ({ids $2}) AS i
{look_up workspace_builds AS f ON f.job_id = i.id}
{look_up workspaces AS w ON w.id = f.workspace_id}}
  AND f.build_number = 1
ORDER BY f.created_at

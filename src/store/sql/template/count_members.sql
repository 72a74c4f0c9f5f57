-- The live prebuilt workspaces of each template, without those whose last build failed: passes leave them to
-- cleanup.
SELECT w.template_id, count(*) AS members
FROM workspaces AS w
{look_up workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}}
{look_up provisioner_jobs AS j ON j.id = b.job_id}
WHERE {unclaimed w}
  AND CAST(b.transition AS text) = 'start'
  AND CAST(j.job_status AS text) IN ('pending', 'running', 'succeeded')
GROUP BY w.template_id

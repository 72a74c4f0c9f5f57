UPDATE workspace_agents
SET deleted = true
WHERE NOT deleted
  AND resource_id IN (SELECT r.id
                      FROM workspace_builds AS b
                      JOIN workspace_resources AS r ON r.job_id = b.job_id
                      WHERE b.workspace_id IN ({ids $1}))

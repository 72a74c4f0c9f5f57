FROM workspace_resources AS r
JOIN workspace_agents AS a ON a.resource_id = r.id
WHERE r.job_id = {} AND NOT a.deleted AND a.parent_id IS NULL

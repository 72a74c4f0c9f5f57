FROM workspace_resources AS r
{look_up workspace_agents AS a ON a.resource_id = r.id AND NOT a.deleted}
WHERE r.job_id = {}

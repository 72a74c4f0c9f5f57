-- The agents that the builds of the jobs $1 have made, each with the folder in which work begins.
SELECT r.job_id,
       a.name,
       CASE WHEN a.expanded_directory <> '' THEN a.expanded_directory ELSE a.directory END
           AS directory
FROM ({ids $1}) AS n
{look_up workspace_resources AS r ON r.job_id = n.id}
{look_up workspace_agents AS a ON a.resource_id = r.id AND NOT a.deleted}
ORDER BY r.job_id, a.name, a.id

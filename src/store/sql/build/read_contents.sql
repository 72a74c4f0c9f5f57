-- Builds with their parameter values and the tags of their jobs.
SELECT b.id,
       CAST(COALESCE((SELECT {either jsonb_object_agg(p.name, p.value) | json_group_object(p.name, p.value)}
                      FROM workspace_build_parameters AS p
                      WHERE p.workspace_build_id = b.id), '{}') AS text) AS parameters,
       CAST(j.tags AS text) AS tags
FROM workspace_builds AS b
JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE b.id IN ({ids $1})

SELECT b.job_id, p.name, p.value
FROM workspace_builds AS b
JOIN workspace_build_parameters AS p ON p.workspace_build_id = b.id
WHERE b.job_id IN ({ids $1})

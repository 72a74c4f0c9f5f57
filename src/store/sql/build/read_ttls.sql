-- How long the workspaces of the builds $1 run, of those that are to stop at all.
SELECT b.id, w.ttl
FROM workspace_builds AS b
JOIN workspaces AS w ON w.id = b.workspace_id
WHERE b.id IN ({ids $1}) AND w.ttl > 0

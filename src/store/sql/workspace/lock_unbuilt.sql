-- The workspaces of $1 that still have no build. Coder writes a workspace and its first build in one
-- transaction, so that what is seen without stays without.
SELECT w.id
FROM ({ids $1}) AS n
{look_up workspaces AS w ON w.id = n.id}
WHERE w.owner_id = $2
  AND NOT w.deleted
  AND NOT EXISTS (SELECT 1 FROM workspace_builds AS b WHERE b.workspace_id = w.id)
{hold w}

-- The workspaces of $1 that still have no build. Coder writes a workspace and its first build in one
-- transaction, so that what is seen without stays without.
SELECT w.id
FROM workspaces AS w
WHERE w.id IN ({ids $1})
  AND w.owner_id = $2
  AND NOT w.deleted
  AND NOT EXISTS (SELECT 1 FROM workspace_builds AS b WHERE b.workspace_id = w.id)
{lock w}

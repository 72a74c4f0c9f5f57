-- Workspaces of $1 whose latest build has values that Coder has encrypted.
SELECT w.id
FROM workspaces AS w
JOIN workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}
WHERE w.id IN ({ids $1})
  AND EXISTS (SELECT 1
              FROM workspace_build_parameters AS p
              WHERE p.workspace_build_id = b.id AND p.value_key_id IS NOT NULL)

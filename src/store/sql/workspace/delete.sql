UPDATE workspaces
SET deleted = true
WHERE owner_id = $2 AND id IN ({ids $1})

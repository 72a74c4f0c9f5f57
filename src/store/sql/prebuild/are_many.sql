SELECT EXISTS
       (SELECT 1 FROM workspaces WHERE owner_id = $1 AND NOT deleted LIMIT 1 OFFSET 2000)

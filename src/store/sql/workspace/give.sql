-- Gives the workspaces of $1 (workspace_id, owner_id, new_owner_id) that are still their owner's to another
-- one.
UPDATE workspaces AS w
SET owner_id = n.new_owner_id, updated_at = $2
FROM {rows $1 n: workspace_id uuid, owner_id uuid, new_owner_id uuid}
WHERE w.id = n.workspace_id AND w.owner_id = n.owner_id AND NOT w.deleted

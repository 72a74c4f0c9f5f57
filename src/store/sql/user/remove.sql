-- Marks the user $1 deleted, who owns no live workspace.
UPDATE users
SET deleted = true, updated_at = $2
WHERE lower(username) = lower($1)
  AND NOT deleted
  AND NOT is_system
  AND NOT EXISTS (SELECT 1 FROM workspaces AS w WHERE w.owner_id = users.id AND NOT w.deleted)

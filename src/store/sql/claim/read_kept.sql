-- The workspaces of $1 that still have the owner to whom they were transferred.
SELECT w.id
FROM {rows $1 n: workspace_id uuid, owner_id uuid}
{look_up workspaces AS w ON w.id = n.workspace_id}
WHERE w.owner_id = n.owner_id

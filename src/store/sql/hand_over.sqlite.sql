-- Gives the workspaces of $1 to their new owners, unless the prebuilds user ($3) has lost them.
UPDATE workspaces
SET owner_id = n.value ->> 'owner_id',
    name = n.value ->> 'name',
    updated_at = $2,
    last_used_at = $2,
    autostart_schedule = n.value ->> 'autostart_schedule',
    next_start_at = n.value ->> 'next_start_at',
    ttl = n.value ->> 'ttl',
    dormant_at = NULL,
    deleting_at = NULL
FROM json_each($1) AS n
WHERE workspaces.id = n.value ->> 'workspace_id'
  AND workspaces.owner_id = $3
  AND NOT workspaces.deleted

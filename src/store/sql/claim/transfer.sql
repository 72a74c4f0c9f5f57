-- Gives the workspaces of $1 to their new owners, unless the prebuilds user has lost them.
UPDATE workspaces AS w
SET owner_id = n.owner_id,
    name = n.name,
    updated_at = $2,
    last_used_at = $2,
    autostart_schedule = n.autostart_schedule,
    next_start_at = n.next_start_at,
    ttl = n.ttl,
    dormant_at = NULL,
    deleting_at = NULL
FROM {rows $1 n:
    workspace_id uuid, owner_id uuid, name text, autostart_schedule text,
    next_start_at timestamptz, ttl bigint}
WHERE w.id = n.workspace_id AND ({unclaimed w}) IS TRUE

-- Those of the requests $1 that nobody made since $2: who asks again for the same workspace is still one who
-- asks. Returns the ids.
INSERT INTO prebuildctl_misses (created_at, asked_at, preset_id, user_id, workspace_name)
SELECT $3, n.asked_at, n.preset_id, n.user_id, n.name
FROM {rows $1 n: asked_at timestamptz, preset_id uuid, user_id uuid, name text}
WHERE NOT EXISTS (SELECT 1
                  FROM prebuildctl_misses AS m
                  WHERE m.user_id = n.user_id
                    AND m.workspace_name = n.name
                    AND m.preset_id = n.preset_id
                    AND m.created_at > $2)
RETURNING id

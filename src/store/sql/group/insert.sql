INSERT INTO groups (id, name, display_name, organization_id, avatar_url, quota_allowance)
SELECT id, $2, $3, organization_id, '', 0
FROM {rows $1 n: id uuid, organization_id uuid}
WHERE true
ON CONFLICT DO NOTHING

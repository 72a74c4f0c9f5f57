INSERT INTO provisioner_keys (id, created_at, organization_id, name, hashed_secret, tags)
SELECT organization_id, $4, organization_id, $2, $3, '{}'
FROM {rows $1 n: organization_id uuid}
WHERE true
ON CONFLICT DO NOTHING

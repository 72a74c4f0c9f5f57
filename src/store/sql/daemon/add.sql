INSERT INTO provisioner_daemons (id, created_at, last_seen_at, name, provisioners, tags, version,
                                 organization_id, key_id)
SELECT n.id, $6, $6, $3, {either '{echo,terraform}' | '["echo","terraform"]'}, {cast $4 jsonb}, $5,
       n.organization_id, k.id
FROM {rows $1 n: id uuid, organization_id uuid}
JOIN provisioner_keys AS k ON k.organization_id = n.organization_id AND lower(k.name) = $2
WHERE true
ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at

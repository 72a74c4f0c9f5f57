INSERT INTO organization_members (organization_id, user_id, created_at, updated_at)
SELECT n.id, $2, $3, $3
FROM ({ids $1}) AS n
WHERE true
ON CONFLICT DO NOTHING

INSERT INTO group_members (user_id, group_id)
SELECT $2, id
FROM groups
WHERE name = $3 AND organization_id IN ({ids $1})
ON CONFLICT DO NOTHING

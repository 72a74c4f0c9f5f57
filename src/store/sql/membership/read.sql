-- For each organization of $1 (a JSON array of ids): whether the prebuilds user ($2) is a member,
-- whether there is a group with the name $3, and whether the user is in that.
SELECT o.id AS organization_id,
       EXISTS (SELECT 1
               FROM organization_members AS m
               WHERE m.organization_id = o.id AND m.user_id = $2) AS is_member,
       g.id IS NOT NULL AS has_group,
       EXISTS (SELECT 1
               FROM group_members AS m
               WHERE m.group_id = g.id AND m.user_id = $2) AS is_in_group
FROM organizations AS o
LEFT JOIN groups AS g ON g.organization_id = o.id AND g.name = $3
WHERE o.id IN ({ids $1})
ORDER BY o.id

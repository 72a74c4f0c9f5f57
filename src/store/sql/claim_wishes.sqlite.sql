-- Who is meant by each wish of $1, whether that person is a member of organization $2, and whether
-- their live workspaces leave the name free.
SELECT EXISTS (SELECT 1
               FROM organization_members AS m
               WHERE m.user_id = coalesce(i.id, u.id) AND m.organization_id = $2) AS member,
       EXISTS (SELECT 1
               FROM workspaces AS w
               WHERE w.owner_id = coalesce(i.id, u.id)
                 AND lower(w.name) = lower(n.value ->> 'name')
                 AND NOT w.deleted) AS name_taken,
       coalesce(i.id, u.id) AS user_id,
       coalesce(i.deleted, 0) AS deleted,
       coalesce(i.status, u.status) AS status
FROM json_each($1) AS n
LEFT JOIN users AS i ON i.id = n.value ->> 'user_id'
LEFT JOIN users AS u ON NOT u.deleted AND lower(u.username) = lower(n.value ->> 'user_name')
ORDER BY n.value ->> 'number'

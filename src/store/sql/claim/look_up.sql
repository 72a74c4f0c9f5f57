-- Who is to own each workspace of $1, whether that person is a member of organization $2, and whether
-- their live workspaces leave the name free.
SELECT EXISTS (SELECT 1
               FROM organization_members AS m
               WHERE m.user_id = coalesce(i.id, u.id) AND m.organization_id = $2) AS member,
       EXISTS (SELECT 1
               FROM workspaces AS w
               WHERE w.owner_id = coalesce(i.id, u.id)
                 AND lower(w.name) = lower(n.name)
                 AND NOT w.deleted) AS name_taken,
       coalesce(i.id, u.id) AS user_id,
       coalesce(i.deleted, false) AS deleted,
       CAST(coalesce(i.status, u.status) AS text) AS status
FROM {rows $1 n:
    number integer, user_id uuid, user_name text, name text}
LEFT JOIN users AS i ON i.id = n.user_id
LEFT JOIN users AS u ON NOT u.deleted AND lower(u.username) = lower(n.user_name)
ORDER BY n.number

-- Who is to own each workspace of $1, whether that person is a member of the organization, and whether
-- their live workspaces leave the name free. No row where there is no such person.
SELECT CAST(n.number AS bigint) AS number,
       EXISTS (SELECT 1
               FROM organization_members AS m
               WHERE m.user_id = n.owner_id AND m.organization_id = n.organization_id) AS member,
       EXISTS (SELECT 1
               FROM workspaces AS w
               WHERE w.owner_id = n.owner_id
                 AND lower(w.name) = lower(n.name)
                 AND NOT w.deleted) AS name_taken,
       u.id AS user_id,
       u.deleted,
       CAST(u.status AS text) AS status
FROM (SELECT o.number,
             o.name,
             o.organization_id,
             coalesce(
                 (SELECT i.id FROM users AS i WHERE i.id = o.user_id),
                 (SELECT i.id
                  FROM users AS i
                  WHERE NOT i.deleted AND lower(i.username) = lower(o.user_name))) AS owner_id
      FROM {rows $1 o:
          number integer, user_id uuid, user_name text, name text, organization_id uuid}) AS n
-- Not `look_up`: that reads every column, and a role needs the right to few of those.
{either CROSS JOIN LATERAL (SELECT u.id, u.deleted, u.status
                            FROM users AS u WHERE u.id = n.owner_id OFFSET 0) AS u
      | CROSS JOIN users AS u ON u.id = n.owner_id}

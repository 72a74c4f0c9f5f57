       AS ssh_public_key,
       -- Users as templates of organizations see them, for each pair of $1: a member of an organization is in
       -- its group Everyone, which has the organization's id and no rows of members.
       CAST(u.id AS text) AS id, u.username AS name,
       u.name AS full_name, u.email, CAST(u.login_type AS text) AS login_type,
       CAST(COALESCE((SELECT {either jsonb_agg(g.name) | json_group_array(g.name)}
                        FROM groups AS g
                       WHERE g.organization_id = o.id
                         AND (EXISTS (SELECT 1 FROM group_members AS m
                                       WHERE m.group_id = g.id AND m.user_id = u.id)
                              OR g.id = o.id
                                 AND EXISTS (SELECT 1 FROM organization_members AS m
                                              WHERE m.organization_id = o.id
                                                AND m.user_id = u.id))), '[]') AS text) AS groups,
       {either CAST((SELECT COALESCE(jsonb_agg(jsonb_build_object(
                        'name', r.name, 'organization_id', r.organization_id)), '[]')
               FROM (SELECT unnest(array_append(u.rbac_roles, 'member')) AS name,
                            '' AS organization_id
                     UNION ALL
                     SELECT unnest(array_append(m.roles, 'organization-member')),
                            CAST(m.organization_id AS text)
                       FROM organization_members AS m
                      WHERE m.user_id = u.id AND m.organization_id = o.id) AS r) AS text) | '[]'}
           AS rbac_roles
  FROM {rows $1 n: user_id uuid, organization_id uuid}
 -- Not `look_up`: that reads every column, and a role needs the right to few of those.
 {either CROSS JOIN LATERAL (SELECT u.id, u.username, u.name, u.email, u.login_type, u.rbac_roles
                               FROM users AS u WHERE u.id = n.user_id OFFSET 0) AS u
       | CROSS JOIN users AS u ON u.id = n.user_id}
  JOIN organizations AS o ON o.id = n.organization_id

INSERT INTO organization_members (user_id, organization_id, created_at, updated_at)
VALUES ((SELECT id FROM users WHERE lower(username) = lower($1) AND NOT deleted),
        (SELECT id FROM organizations WHERE lower(name) = lower($2) AND NOT deleted),
        $3, $3)
ON CONFLICT DO NOTHING

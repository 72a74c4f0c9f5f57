DELETE FROM organization_members
WHERE user_id = (SELECT id FROM users WHERE lower(username) = lower($1) AND NOT deleted)
  AND organization_id = (SELECT id FROM organizations WHERE lower(name) = lower($2) AND NOT deleted)

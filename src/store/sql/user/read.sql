-- People with their organizations, a row for each; one without any is a row, too.
SELECT u.username, u.email, o.name
FROM users AS u
LEFT JOIN organization_members AS m ON m.user_id = u.id
LEFT JOIN organizations AS o ON o.id = m.organization_id AND NOT o.deleted
WHERE NOT u.deleted AND NOT u.is_system
ORDER BY u.id, o.name

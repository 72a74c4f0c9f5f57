-- The first names of users from $1 on, whatever their case.
SELECT u.username
FROM users AS u
WHERE NOT u.deleted AND lower(u.username) >= lower($1)
ORDER BY lower(u.username)
LIMIT 200

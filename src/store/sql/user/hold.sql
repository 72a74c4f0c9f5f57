-- Keeps others from giving the user $1 workspaces until the transaction ends.
SELECT id
FROM users
WHERE lower(username) = lower($1) AND NOT deleted AND NOT is_system
{either FOR UPDATE | }

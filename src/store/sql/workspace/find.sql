-- The workspaces named $1, of the user named $2 or of anybody where that is empty: those that exist first,
-- then the newest.
SELECT w.id, u.username AS owner_name, w.name, w.deleted
FROM workspaces AS w
JOIN users AS u ON u.id = w.owner_id
WHERE lower(w.name) = lower($1) AND ($2 = '' OR lower(u.username) = lower($2))
ORDER BY w.deleted, w.created_at DESC, w.id
LIMIT 20

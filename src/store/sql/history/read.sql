-- The newest entries since $1, at most $2.
SELECT created_at AS at, event, actor, subject, message
FROM prebuildctl_history
WHERE created_at >= $1
ORDER BY id DESC
LIMIT $2

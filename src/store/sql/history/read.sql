-- The entries of the history since $1, of which there are not many: whoever appends prunes.
SELECT created_at AS at, event, actor, subject, message
FROM prebuildctl_history
WHERE created_at >= $1
ORDER BY id

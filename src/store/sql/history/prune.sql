-- Entries from before $1, and all but the newest $2.
DELETE FROM prebuildctl_history
WHERE created_at < $1 OR id <= (SELECT max(id) FROM prebuildctl_history) - $2

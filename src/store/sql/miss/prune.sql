-- Requests from before $1, and all but the newest $2.
DELETE FROM prebuildctl_misses
WHERE created_at < $1 OR id <= (SELECT max(id) FROM prebuildctl_misses) - $2

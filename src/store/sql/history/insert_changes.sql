-- Those of the entries $1 that say something else of their subject than the newest entry that is one of $2,
-- its conditions; without any, it counts as healthy. Several loops see the same change.
INSERT INTO prebuildctl_history (created_at, event, actor, subject, message)
SELECT n.at, n.event, n.actor, n.subject, n.message
FROM {rows $1 n:
    number bigint, at timestamptz, event text, actor text, subject text, message text}
WHERE n.event <> COALESCE((SELECT h.event
                           FROM prebuildctl_history AS h
                           WHERE h.subject = n.subject AND h.event IN ({texts $2})
                           ORDER BY h.id DESC
                           LIMIT 1), 'healthy')
ORDER BY n.number

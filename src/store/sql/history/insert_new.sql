-- Those of the entries $1 that nobody has told word for word since $2.
INSERT INTO prebuildctl_history (created_at, event, actor, subject, message)
SELECT n.at, n.event, n.actor, n.subject, n.message
FROM {rows $1 n:
    number bigint, at timestamptz, event text, actor text, subject text, message text}
WHERE (n.event, n.subject, n.message) NOT IN (SELECT event, subject, message
                                              FROM prebuildctl_history
                                              WHERE created_at >= $2)
ORDER BY n.number

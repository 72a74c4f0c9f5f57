INSERT INTO prebuildctl_history (created_at, event, actor, subject, message)
SELECT at, event, actor, subject, message
FROM {rows $1 n:
    number bigint, at timestamptz, event text, actor text, subject text, message text}
ORDER BY number

-- The different autostart schedules of live workspaces, the beginning of each text, with the name of one
-- workspace and how many have it; at most $2. Those of workspaces of the prebuilds user ($1) are not read by
-- coderd.
SELECT substr(autostart_schedule, 1, 500) AS schedule,
       count(*) AS workspaces,
       min(name) AS example
FROM workspaces
WHERE autostart_schedule IS NOT NULL AND NOT deleted AND owner_id <> $1
GROUP BY 1
ORDER BY 1
LIMIT $2

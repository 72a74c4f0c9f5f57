-- Sessions that hold advisory lock 7, which is what passes of coderd and of this tool take turns by.
-- The times are null to a role that may not see other sessions.
SELECT CAST(l.pid AS bigint) AS pid,
       coalesce(a.application_name, '') AS application,
       CAST(extract(epoch FROM clock_timestamp()
                    - coalesce(a.xact_start, a.state_change)) AS bigint) AS seconds
FROM pg_catalog.pg_locks AS l
LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
WHERE l.locktype = 'advisory'
  AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
  AND l.classid = 0
  AND l.objid = 7
  AND l.objsubid = 1
  AND l.granted

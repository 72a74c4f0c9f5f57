-- The transactions of other sessions that write to workspaces. A statement takes this lock before it
-- fixes what it sees, so that one that could not see a commit is among them right after it.
SELECT virtualtransaction
FROM pg_locks
WHERE locktype = 'relation'
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND relation = CAST(CAST('workspaces' AS regclass) AS oid)
  AND mode = 'RowExclusiveLock'
  AND pid <> pg_backend_pid()

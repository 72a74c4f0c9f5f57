(SELECT {every a.lifecycle_state = 'ready' AND ($3
            OR a.last_connected_at IS NULL
            OR {either extract(epoch FROM a.last_connected_at) | unixepoch(a.last_connected_at)}
               + CASE WHEN a.connection_timeout_seconds > 0 THEN a.connection_timeout_seconds
                      ELSE 120 END
               >= {either extract(epoch FROM CAST($4 AS timestamptz)) | unixepoch($4)})}
 {agents {}})

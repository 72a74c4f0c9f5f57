{either extract(epoch FROM {}.last_connected_at) | unixepoch({}.last_connected_at)}
+ CASE WHEN {}.connection_timeout_seconds > 0 THEN {}.connection_timeout_seconds ELSE 120 END

-- Version and time of the server: each database has functions of its own for both.
SELECT CAST(split_part(current_setting('server_version'), ' ', 1) AS text), clock_timestamp()

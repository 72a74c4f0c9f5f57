-- Version of the library and time: each database has functions of its own for both.
SELECT sqlite_version(), strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z'

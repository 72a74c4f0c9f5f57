-- The jobs that were made, taken or completed after $1, on databases of our own.
SELECT id FROM {recent_jobs $1} AS recent

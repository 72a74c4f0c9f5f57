-- The requests that found nothing to claim, of those that were answered since $1.
SELECT preset_id, asked_at, created_at
FROM prebuildctl_misses
WHERE created_at >= $1
ORDER BY created_at

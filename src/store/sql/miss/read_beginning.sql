-- When recording began, with migration $1, and the oldest request that is left where more than $2, which is as many
-- as are kept, may ever have been recorded.
SELECT {either installed_on | strftime('%Y-%m-%dT%H:%M:%S.000000Z', installed_on)} AS began_at,
       (SELECT CASE WHEN max(id) > $2 THEN min(created_at) END FROM prebuildctl_misses) AS oldest
FROM _sqlx_migrations
WHERE version = $1

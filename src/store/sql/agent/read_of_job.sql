-- The agents that the build with job $1 made, and the resource of each.
SELECT a.name,
       r.type AS resource_type,
       r.name AS resource_name,
       a.operating_system,
       a.architecture,
       CASE WHEN a.expanded_directory <> '' THEN a.expanded_directory ELSE a.directory END AS directory,
       CAST(a.lifecycle_state AS text) AS lifecycle_state,
       a.ready_at,
       a.last_connected_at
{agents $1}
ORDER BY r.name, a.name, a.id

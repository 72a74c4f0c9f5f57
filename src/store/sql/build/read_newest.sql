-- The newest start builds of the presets $2 for owner $1, with their parameter values and the tags of
-- their jobs. Starts from the owner's live workspaces, and looks up one build of each.
WITH own AS (
    SELECT w.name AS workspace_name,
           (SELECT b.id
            FROM workspace_builds AS b
            WHERE b.workspace_id = w.id
              AND b.transition = 'start'
              AND b.template_version_preset_id IN ({ids $2})
            ORDER BY b.build_number DESC
            LIMIT 1) AS build_id
    FROM workspaces AS w
    WHERE w.owner_id = $1
      AND NOT w.deleted
), ranked AS (
    SELECT b.id, b.job_id, b.template_version_preset_id AS preset_id, b.template_version_id,
           own.workspace_name, b.build_number,
           row_number() OVER (PARTITION BY b.template_version_preset_id
                              ORDER BY b.created_at DESC, b.id) AS place
    FROM own
    JOIN workspace_builds AS b ON b.id = own.build_id
)
SELECT n.preset_id,
       n.template_version_id,
       n.workspace_name,
       CAST(n.build_number AS bigint) AS build_number,
       {parameters n.id} AS parameters,
       CAST(j.tags AS text) AS tags
FROM ranked AS n
JOIN provisioner_jobs AS j ON j.id = n.job_id
WHERE n.place = 1

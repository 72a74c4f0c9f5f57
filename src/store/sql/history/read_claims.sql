-- The builds since $2 that handed a prebuilt workspace to a person. Goes from the first builds of the
-- prebuilds user ($1) to the workspaces that are others' by now.
SELECT b.created_at,
       (SELECT u.username FROM users AS u WHERE u.id = w.owner_id) AS owner_name,
       (SELECT u.username FROM users AS u WHERE u.id = b.initiator_id) AS initiator_name,
       b.initiator_id,
       o.name AS organization_name,
       t.name AS template_name,
       p.name AS preset_name,
       w.name AS workspace_name,
       CAST(j.job_status AS text) AS job_status,
       nullif(j.error, '') AS error
FROM workspace_builds AS f
{look_up workspaces AS w ON w.id = f.workspace_id}
{look_up workspace_builds AS b ON b.workspace_id = w.id}
{look_up provisioner_jobs AS j ON j.id = b.job_id}
JOIN templates AS t ON t.id = w.template_id
JOIN organizations AS o ON o.id = t.organization_id
LEFT JOIN template_version_presets AS p ON p.id = f.template_version_preset_id
WHERE f.initiator_id = $1
  AND f.build_number = 1
  AND w.owner_id <> $1
  AND b.created_at >= $2
  AND CAST(j.input ->> 'prebuilt_workspace_stage' AS text) = '2'
  -- The claim itself, which comes right after a build of the pool's: a retry of its build is none.
  AND EXISTS (SELECT 1
              FROM workspace_builds AS before
              WHERE before.workspace_id = w.id
                AND before.build_number = b.build_number - 1
                AND before.initiator_id = $1)
ORDER BY b.created_at, w.name

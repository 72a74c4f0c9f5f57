-- The jobs $1 with all that a build needs to know, in the order in which they are to run.
SELECT j.id,
       b.id AS build_id,
       CAST(b.build_number AS bigint) AS build_number,
       CAST(b.transition AS text) AS transition,
       -- Whatever else stands there counts as none.
       CAST(CASE CAST(j.input ->> 'prebuilt_workspace_stage' AS text)
                WHEN '1' THEN 1
                WHEN '2' THEN 2
            END AS bigint) AS stage,
       b.provisioner_state AS state,
       w.id AS workspace_id,
       w.name AS workspace_name,
       w.owner_id,
       u.username AS owner_name,
       o.name AS organization_name,
       t.name AS template_name,
       v.name AS version_name,
       p.name AS preset_name,
       CAST(COALESCE((SELECT {either jsonb_object_agg(p.name, p.value) | json_group_object(p.name, p.value)}
                      FROM workspace_build_parameters AS p
                      WHERE p.workspace_build_id = b.id), '{}') AS text) AS parameters,
       CAST(j.logs_length AS bigint) AS logs_length,
       j.logs_overflowed,
       j.canceled_at IS NOT NULL AS canceled
FROM ({ids $1}) AS n
{look_up provisioner_jobs AS j ON j.id = n.id}
{look_up workspace_builds AS b ON b.job_id = j.id}
{look_up workspaces AS w ON w.id = b.workspace_id}
{look_up users AS u ON u.id = w.owner_id}
{look_up template_versions AS v ON v.id = b.template_version_id}
{look_up templates AS t ON t.id = w.template_id}
{look_up organizations AS o ON o.id = w.organization_id}
LEFT JOIN template_version_presets AS p ON p.id = b.template_version_preset_id
ORDER BY j.initiator_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0', j.created_at, j.id

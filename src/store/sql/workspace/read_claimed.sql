-- Live workspaces of people, with their latest builds. The year 1 stands for no deadline.
SELECT w.id,
       w.name,
       w.owner_id,
       u.username AS owner_name,
       o.name AS organization_name,
       w.template_id,
       t.name AS template_name,
       b.template_version_id,
       v.name AS template_version_name,
       b.id AS build_id,
       CAST(b.build_number AS bigint) AS build_number,
       b.job_id,
       CAST(b.transition AS text) AS transition,
       CAST(j.job_status AS text) AS job_status,
       COALESCE(CAST(j.input ->> 'prebuilt_workspace_stage' AS text) = '2', false) AS is_claim,
       b.created_at AS last_build_at,
       j.error,
       CASE WHEN b.deadline > {cast '0002-01-01T00:00:00.000000Z' timestamptz} THEN b.deadline END
           AS deadline,
       w.autostart_schedule,
       w.next_start_at
FROM workspaces AS w
JOIN workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}
JOIN provisioner_jobs AS j ON j.id = b.job_id
JOIN users AS u ON u.id = w.owner_id
JOIN template_versions AS v ON v.id = b.template_version_id
JOIN templates AS t ON t.id = w.template_id
JOIN organizations AS o ON o.id = w.organization_id
WHERE w.owner_id <> 'c42fdf75-3097-471c-8c33-fb52454d81c0' AND NOT w.deleted
ORDER BY u.username, w.name, w.id

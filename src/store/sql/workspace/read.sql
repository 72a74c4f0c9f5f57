-- The workspaces of the relation asked, which stands before this, each with its latest build, if it has one.
-- LATERAL with LIMIT looks that build and its job up, whatever their number.
SELECT w.id,
       w.name,
       w.owner_id,
       u.username AS owner_name,
       o.name AS organization_name,
       t.name AS template_name,
       p.id AS preset_id,
       p.name AS preset_name,
       w.created_at,
       w.deleted,
       (SELECT f.initiator_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0'
        FROM workspace_builds AS f
        WHERE f.workspace_id = w.id AND f.build_number = 1) AS was_prebuilt,
       b.id AS "build.id",
       CAST(b.build_number AS bigint) AS build_number,
       CAST(b.transition AS text) AS transition,
       CAST(j.job_status AS text) AS job_status,
       b.job_id,
       b.created_at AS "build.created_at",
       b.template_version_id,
       v.name AS version_name,
       v.id = t.active_version_id AS on_active_version,
       CASE WHEN b.transition = 'start' AND j.job_status = 'succeeded' THEN
           (SELECT {every a.lifecycle_state = 'ready'} {agents b.job_id} AND a.parent_id IS NULL)
       END AS ready
FROM asked AS w
JOIN users AS u ON u.id = w.owner_id
JOIN templates AS t ON t.id = w.template_id
JOIN organizations AS o ON o.id = w.organization_id
{either LEFT JOIN LATERAL (SELECT *
                           FROM workspace_builds
                           WHERE workspace_id = w.id
                           ORDER BY build_number DESC
                           LIMIT 1) AS b ON true
        LEFT JOIN LATERAL (SELECT job_status FROM provisioner_jobs WHERE id = b.job_id LIMIT 1) AS j ON true
      | LEFT JOIN workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}
        LEFT JOIN provisioner_jobs AS j ON j.id = b.job_id}
LEFT JOIN template_versions AS v ON v.id = b.template_version_id
LEFT JOIN template_version_presets AS p ON p.id = {pool_preset w.id}
ORDER BY o.name, t.name, p.name, w.created_at, w.id

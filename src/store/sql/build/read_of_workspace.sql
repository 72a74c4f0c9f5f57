-- The newest builds of workspace $1, at most $2, each with its job.
SELECT b.id,
       CAST(b.build_number AS bigint) AS build_number,
       CAST(b.transition AS text) AS transition,
       CAST(b.reason AS text) AS reason,
       -- Whatever else stands there counts as none.
       CAST(CASE CAST(j.input ->> 'prebuilt_workspace_stage' AS text)
                WHEN '1' THEN 1
                WHEN '2' THEN 2
            END AS bigint) AS stage,
       b.initiator_id,
       (SELECT u.username FROM users AS u WHERE u.id = b.initiator_id) AS initiator_name,
       v.name AS version_name,
       p.name AS preset_name,
       b.created_at,
       j.started_at,
       j.completed_at,
       j.id AS job_id,
       CAST(j.job_status AS text) AS job_status,
       nullif(j.error, '') AS error
FROM (SELECT *
      FROM workspace_builds
      WHERE workspace_id = $1
      ORDER BY build_number DESC
      LIMIT $2) AS b
{look_up provisioner_jobs AS j ON j.id = b.job_id}
JOIN template_versions AS v ON v.id = b.template_version_id
LEFT JOIN template_version_presets AS p ON p.id = b.template_version_preset_id
ORDER BY b.build_number DESC

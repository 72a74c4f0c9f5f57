-- The times of recent jobs and the builds that they are for. LATERAL with LIMIT keeps the planner from
-- joining with all jobs, builds or workspaces.
SELECT j.id,
       j.created_at,
       j.started_at,
       j.completed_at,
       j.worker_id IS NOT NULL AS taken,
       j.job_status = 'succeeded' AS succeeded,
       CAST(j.provisioner AS text) AS provisioner,
       CAST(j.type AS text) AS job_type,
       j.initiator_id,
       CAST(b.transition AS text) AS transition,
       b.build_number = 1 AS is_first,
       CAST(b.reason AS text) AS reason,
       o.name AS organization,
       t.name AS template,
       p.name AS preset,
       j.input ->> 'prebuilt_workspace_stage' AS stage
FROM {recent_jobs $1} AS recent
CROSS JOIN LATERAL (SELECT * FROM provisioner_jobs WHERE id = recent.id LIMIT 1) AS j
LEFT JOIN LATERAL (SELECT * FROM workspace_builds WHERE job_id = j.id LIMIT 1) AS b ON true
LEFT JOIN LATERAL (SELECT * FROM workspaces WHERE id = b.workspace_id LIMIT 1) AS w ON true
LEFT JOIN templates AS t ON t.id = w.template_id
LEFT JOIN organizations AS o ON o.id = w.organization_id
LEFT JOIN template_version_presets AS p ON p.id = b.template_version_preset_id

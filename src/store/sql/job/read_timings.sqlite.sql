-- The times of recent jobs and the builds that they are for. CROSS JOIN keeps SQLite from taking the
-- tables in another order.
SELECT j.id,
       j.created_at,
       j.started_at,
       j.completed_at,
       j.worker_id IS NOT NULL AS taken,
       j.job_status = 'succeeded' AS succeeded,
       j.provisioner,
       j.type AS job_type,
       j.initiator_id,
       b.transition,
       b.build_number = 1 AS is_first,
       b.reason,
       o.name AS organization,
       t.name AS template,
       p.name AS preset,
       CAST(j.input ->> 'prebuilt_workspace_stage' AS TEXT) AS stage
FROM {recent_jobs $1} AS recent
CROSS JOIN provisioner_jobs AS j ON j.id = recent.id
LEFT JOIN workspace_builds AS b ON b.job_id = j.id
LEFT JOIN workspaces AS w ON w.id = b.workspace_id
LEFT JOIN templates AS t ON t.id = w.template_id
LEFT JOIN organizations AS o ON o.id = w.organization_id
LEFT JOIN template_version_presets AS p ON p.id = b.template_version_preset_id

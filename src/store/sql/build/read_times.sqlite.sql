-- When the first build of every live workspace of the prebuilds user ($1) was asked for, and when it
-- and its agents were done; of builds that ended well.
--
-- Starts from the prebuilds user's few workspaces and looks each one's first build up by
-- (workspace_id, build_number): CROSS JOIN keeps SQLite from taking the tables in another order.
SELECT w.template_id,
       p.name AS preset_name,
       j.created_at,
       j.completed_at AS ready_at,
       (SELECT max(a.ready_at) {agents b.job_id}) AS agents_ready_at
FROM workspaces AS w
CROSS JOIN workspace_builds AS b
    ON b.workspace_id = w.id AND b.build_number = 1 AND b.transition = 'start'
CROSS JOIN provisioner_jobs AS j ON j.id = b.job_id AND j.job_status = 'succeeded'
LEFT JOIN template_version_presets AS p ON p.id = b.template_version_preset_id
WHERE w.owner_id = $1 AND NOT w.deleted

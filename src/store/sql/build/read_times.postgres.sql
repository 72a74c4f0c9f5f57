-- When the first build of every live workspace of the prebuilds user ($1) was asked for, and when it
-- and its agents were done; of builds that ended well.
--
-- Starts from the prebuilds user's few workspaces and looks each one's first build up by
-- (workspace_id, build_number). LATERAL keeps the planner from turning that into a join over all
-- builds.
SELECT w.template_id,
       p.name AS preset_name,
       first.created_at,
       first.completed_at AS ready_at,
       (SELECT max(a.ready_at) {agents first.job_id}) AS agents_ready_at
FROM workspaces AS w
CROSS JOIN LATERAL (
    SELECT b.template_version_preset_id, b.job_id, j.created_at, j.completed_at
    FROM workspace_builds AS b
    JOIN provisioner_jobs AS j ON j.id = b.job_id
    WHERE b.workspace_id = w.id
      AND b.build_number = 1
      AND b.transition = 'start'
      AND j.job_status = 'succeeded'
    LIMIT 1
) AS first
LEFT JOIN template_version_presets AS p ON p.id = first.template_version_preset_id
WHERE w.owner_id = $1 AND NOT w.deleted

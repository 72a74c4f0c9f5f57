-- Builds that the prebuilds user ($1) started and whose job is pending or running.
--
-- Starts from the few unfinished jobs by the index on their status and looks each one's build up:
-- CROSS JOIN keeps SQLite from taking the tables in another order.
SELECT j.id AS job_id,
       t.id AS template_id,
       w.template_id AS workspace_template_id,
       b.template_version_id,
       b.template_version_preset_id AS preset_id,
       b.transition,
       b.build_number = 1 AS is_first,
       NOT EXISTS (SELECT 1
                   FROM workspace_builds AS later
                   WHERE later.workspace_id = b.workspace_id
                     AND later.build_number > b.build_number) AS is_latest,
       j.job_status = 'pending' AND j.worker_id IS NULL AS is_untouched,
       NOT w.deleted AS is_live,
       w.owner_id = $1 AS is_prebuild,
       t.active_version_id = b.template_version_id AS on_active_version,
       of_workspace.active_version_id = b.template_version_id AS on_active_version_of_workspace
FROM provisioner_jobs AS j
CROSS JOIN workspace_builds AS b ON b.job_id = j.id AND b.initiator_id = $1
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN templates AS of_workspace ON of_workspace.id = w.template_id
LEFT JOIN template_versions AS v ON v.id = b.template_version_id
LEFT JOIN templates AS t ON t.id = v.template_id
WHERE j.job_status IN ('pending', 'running')

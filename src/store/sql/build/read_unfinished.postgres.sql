-- Builds that the prebuilds user ($1) started and whose job is pending or running.
--
-- Starts from the few unfinished jobs by the index on their status and looks each one's build up, in
-- the order of that look-up's index. LATERAL with LIMIT (a job has one build at the most) keeps the
-- planner from starting with all builds of the prebuilds user, or from joining with all builds there
-- are.
SELECT j.id AS job_id,
       t.id AS template_id,
       w.template_id AS workspace_template_id,
       b.template_version_id,
       b.template_version_preset_id AS preset_id,
       CAST(b.transition AS text) AS transition,
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
FROM (
    SELECT id, job_status, worker_id
    FROM provisioner_jobs
    WHERE job_status IN ('pending', 'running')
    ORDER BY id
) AS j
CROSS JOIN LATERAL (
    SELECT * FROM workspace_builds WHERE job_id = j.id AND initiator_id = $1 LIMIT 1
) AS b
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN templates AS of_workspace ON of_workspace.id = w.template_id
LEFT JOIN template_versions AS v ON v.id = b.template_version_id
LEFT JOIN templates AS t ON t.id = v.template_id

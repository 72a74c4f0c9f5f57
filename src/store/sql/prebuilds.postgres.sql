-- Every live workspace of the prebuilds user ($1) with its latest build, if it has one.
--
-- Starts from the prebuilds user's few workspaces and looks each one's latest build up by
-- (workspace_id, build_number): cost follows live prebuilds, not workspaces or builds. LATERAL keeps
-- the planner from turning that into a join over all builds.
SELECT w.id,
       w.name,
       w.template_id,
       w.created_at,
       -- Of start builds only, and not necessarily of the latest one, though it mostly is.
       CASE WHEN latest.transition = 'start' AND latest.template_version_preset_id IS NOT NULL THEN
           latest.template_version_preset_id
       ELSE
           (SELECT s.template_version_preset_id
            FROM workspace_builds AS s
            WHERE s.workspace_id = w.id
              AND s.transition = 'start'
              AND s.template_version_preset_id IS NOT NULL
            ORDER BY s.build_number DESC
            LIMIT 1)
       END AS preset_id,
       latest.id AS build_id,
       latest.template_version_id AS build_version_id,
       latest.template_version_preset_id AS build_preset_id,
       CAST(latest.transition AS text) AS transition,
       CAST(latest.job_status AS text) AS job_status,
       latest.created_at AS build_created_at,
       latest.initiator_id,
       t.active_version_id = v.id AS on_active_version,
       t.deleted AS template_deleted,
       -- Null without agents. Deleted agents and sub-agents don't count.
       CASE WHEN latest.transition = 'start' AND latest.job_status = 'succeeded' THEN
           (SELECT bool_and(a.lifecycle_state = 'ready')
            FROM workspace_resources AS r
            JOIN workspace_agents AS a ON a.resource_id = r.id
            WHERE r.job_id = latest.job_id AND NOT a.deleted AND a.parent_id IS NULL)
       END AS ready
FROM workspaces AS w
LEFT JOIN LATERAL (
    SELECT b.id, b.template_version_id, b.template_version_preset_id, b.transition, b.created_at,
           b.initiator_id, b.job_id, j.job_status
    FROM workspace_builds AS b
    JOIN provisioner_jobs AS j ON j.id = b.job_id
    WHERE b.workspace_id = w.id
    ORDER BY b.build_number DESC
    LIMIT 1
) AS latest ON true
LEFT JOIN template_versions AS v ON v.id = latest.template_version_id
LEFT JOIN templates AS t ON t.id = v.template_id
WHERE w.owner_id = $1 AND NOT w.deleted

-- Every live workspace of the prebuilds user ($1) with an id from $2 to $3, with its latest build, if
-- it has one. Contact with agents is judged at the time of the database.
--
-- Starts from the prebuilds user's few workspaces and looks each one's latest build up by
-- (workspace_id, build_number): cost follows live prebuilds, not workspaces or builds. The plus hides
-- the range of ids from the planner.
SELECT w.id,
       w.name,
       w.template_id,
       w.created_at,
       -- Of start builds only, and not necessarily of the latest one.
       (SELECT s.template_version_preset_id
        FROM workspace_builds AS s
        WHERE s.workspace_id = w.id
          AND s.transition = 'start'
          AND s.template_version_preset_id IS NOT NULL
        ORDER BY s.build_number DESC
        LIMIT 1) AS preset_id,
       b.id AS "build.id",
       b.template_version_id AS "build.template_version_id",
       b.template_version_preset_id AS "build.preset_id",
       b.transition AS transition,
       j.job_status AS job_status,
       b.created_at AS "build.created_at",
       b.initiator_id,
       t.active_version_id = v.id AS on_active_version,
       t.deleted AS template_deleted,
       -- Null without agents.
       CASE WHEN b.transition = 'start' AND j.job_status = 'succeeded' THEN
           (SELECT {every a.lifecycle_state = 'ready'} {agents b.job_id} AND a.parent_id IS NULL)
       END AS ready,
       CASE WHEN b.transition = 'start' AND j.job_status = 'succeeded' THEN
           (SELECT min(a.last_connected_at) {agents b.job_id} AND {contact_end a} < unixepoch('now'))
       END AS out_of_contact_since,
       j.completed_at AS ended_at
FROM workspaces AS w
LEFT JOIN workspace_builds AS b
    ON b.workspace_id = w.id AND b.build_number = {latest w.id}
LEFT JOIN provisioner_jobs AS j ON j.id = b.job_id
LEFT JOIN template_versions AS v ON v.id = b.template_version_id
LEFT JOIN templates AS t ON t.id = v.template_id
WHERE w.owner_id = $1 AND NOT w.deleted AND +w.id BETWEEN $2 AND $3

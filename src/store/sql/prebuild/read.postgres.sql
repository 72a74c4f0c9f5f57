-- Every live workspace of the prebuilds user ($1) with an id from $2 to $3, with its latest build, if
-- it has one. Contact with agents is judged at the time of the database.
--
-- Starts from the prebuilds user's few workspaces and looks each one's latest build up by
-- (workspace_id, build_number): cost follows live prebuilds, not workspaces or builds. LATERAL with
-- LIMIT keeps the planner from turning that into a join over all builds or jobs.
--
-- Ids are random, so that looking jobs and resources up in the order of workspaces jumps about in
-- their indexes; in the order of job ids it walks through them, which halves the time.
--
-- IS TRUE hides the range of ids from the planner, which would else consider reading that part of the
-- primary key: all workspaces, that is.
SELECT of_workspace.id,
       of_workspace.name,
       of_workspace.template_id,
       of_workspace.created_at,
       -- Of start builds only, and not necessarily of the latest one, though it mostly is.
       CASE WHEN of_workspace.transition = 'start' AND of_workspace.build_preset_id IS NOT NULL THEN
           of_workspace.build_preset_id
       ELSE
           (SELECT s.template_version_preset_id
            FROM workspace_builds AS s
            WHERE s.workspace_id = of_workspace.id
              AND s.transition = 'start'
              AND s.template_version_preset_id IS NOT NULL
            ORDER BY s.build_number DESC
            LIMIT 1)
       END AS preset_id,
       of_workspace.build_id AS "build.id",
       of_workspace.build_version_id AS "build.template_version_id",
       of_workspace.build_preset_id AS "build.preset_id",
       CAST(of_workspace.transition AS text) AS transition,
       CAST(j.job_status AS text) AS job_status,
       of_workspace.build_created_at AS "build.created_at",
       of_workspace.initiator_id,
       t.active_version_id = v.id AS on_active_version,
       t.deleted AS template_deleted,
       agents.ready,
       agents.out_of_contact_since,
       j.completed_at AS ended_at
FROM (
    SELECT w.id,
           w.name,
           w.template_id,
           w.created_at,
           b.id AS build_id,
           b.template_version_id AS build_version_id,
           b.template_version_preset_id AS build_preset_id,
           b.transition,
           b.created_at AS build_created_at,
           b.initiator_id,
           b.job_id
    FROM workspaces AS w
    LEFT JOIN LATERAL (
        SELECT *
        FROM workspace_builds
        WHERE workspace_id = w.id
        ORDER BY build_number DESC
        LIMIT 1
    ) AS b ON true
    WHERE w.owner_id = $1 AND NOT w.deleted AND (w.id BETWEEN $2 AND $3) IS TRUE
    ORDER BY b.job_id
) AS of_workspace
LEFT JOIN LATERAL (
    SELECT job_status, completed_at FROM provisioner_jobs WHERE id = of_workspace.job_id LIMIT 1
) AS j ON true
-- A row without agents holds nulls.
CROSS JOIN LATERAL (
    SELECT {every a.lifecycle_state = 'ready'} FILTER (WHERE a.parent_id IS NULL) AS ready,
           min(a.last_connected_at) FILTER (
               WHERE {contact_end a} < extract(epoch FROM now())
           ) AS out_of_contact_since
    {agents of_workspace.job_id}
    AND of_workspace.transition = 'start' AND j.job_status = 'succeeded'
) AS agents
LEFT JOIN template_versions AS v ON v.id = of_workspace.build_version_id
LEFT JOIN templates AS t ON t.id = v.template_id

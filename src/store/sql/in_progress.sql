-- Latest builds that the prebuilds user ($1) started and that are pending or running, on the active
-- version of their template; of live workspaces, whoever owns them by now. Deleted templates are
-- included.
--
-- Starts from the few unfinished jobs by the index on their status.
SELECT t.id AS template_id,
       b.template_version_id,
       b.template_version_preset_id AS preset_id,
       CAST(b.transition AS text) AS transition,
       count(*) AS count
FROM provisioner_jobs AS j
JOIN workspace_builds AS b ON b.job_id = j.id
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN template_versions AS v ON v.id = b.template_version_id
JOIN templates AS t ON t.id = v.template_id AND t.active_version_id = v.id
WHERE j.job_status IN ('pending', 'running')
  AND b.initiator_id = $1
  AND NOT w.deleted
  AND NOT EXISTS (SELECT 1
                  FROM workspace_builds AS later
                  WHERE later.workspace_id = b.workspace_id
                    AND later.build_number > b.build_number)
GROUP BY t.id, b.template_version_id, b.template_version_preset_id, b.transition

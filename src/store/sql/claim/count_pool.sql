-- What the prebuilds user ($2) has of preset $1 on the template's active version, to tell why nothing
-- can be claimed.
SELECT count(*) FILTER (WHERE status = 'succeeded') AS running,
       count(*) FILTER (WHERE status = 'succeeded' AND agents > 0 AND unready = 0) AS ready,
       count(*) FILTER (WHERE status IN ('pending', 'running')) AS starting
FROM (SELECT CAST(j.job_status AS text) AS status,
             (SELECT count(*) {agents b.job_id}) AS agents,
             (SELECT count(*) {agents b.job_id} AND a.lifecycle_state <> 'ready') AS unready
      FROM workspaces AS w
      JOIN templates AS t ON t.id = w.template_id
      JOIN workspace_builds AS b
          ON b.workspace_id = w.id AND b.build_number = {latest w.id}
      JOIN provisioner_jobs AS j ON j.id = b.job_id
      WHERE w.owner_id = $2
        AND NOT w.deleted
        AND w.template_id = {template $1}
        AND b.transition = 'start'
        AND b.template_version_id = t.active_version_id
        AND {pool_preset w.id} = $1) AS pool

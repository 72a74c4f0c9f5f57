-- What the prebuilds user has of preset $1 on the template's active version, to tell why nothing
-- can be claimed.
SELECT count(*) FILTER (WHERE status = 'succeeded') AS running,
       count(*) FILTER (WHERE status = 'succeeded' AND agents > 0 AND unready = 0) AS ready,
       count(*) FILTER (WHERE status IN ('pending', 'running')) AS starting,
       count(*) FILTER (WHERE status = 'failed') AS failed
FROM (SELECT CAST(j.job_status AS text) AS status,
             (SELECT count(*) {agents b.job_id}) AS agents,
             (SELECT count(*) {agents b.job_id} AND a.lifecycle_state <> 'ready') AS unready
      FROM (SELECT id, active_version_id FROM templates WHERE id = {template $1}) AS t
      {look_up workspaces AS w ON w.template_id = t.id AND {unclaimed w}}
      {look_up workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}}
      {look_up provisioner_jobs AS j ON j.id = b.job_id}
      WHERE b.transition = 'start'
        AND b.template_version_id = t.active_version_id
        AND {pool_preset w.id} = $1) AS pool

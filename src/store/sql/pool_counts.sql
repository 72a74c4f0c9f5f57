-- What the prebuilds user ($2) has of preset $1 on the template's active version, to tell why nothing can be claimed.
SELECT count(*) FILTER (WHERE status = 'succeeded') AS running,
       count(*) FILTER (WHERE status = 'succeeded' AND agents > 0 AND unready = 0) AS ready,
       count(*) FILTER (WHERE status IN ('pending', 'running')) AS starting
FROM (SELECT CAST(j.job_status AS text) AS status,
             (SELECT count(*)
              FROM workspace_resources AS r
              JOIN workspace_agents AS a ON a.resource_id = r.id
              WHERE r.job_id = b.job_id AND NOT a.deleted AND a.parent_id IS NULL) AS agents,
             (SELECT count(*)
              FROM workspace_resources AS r
              JOIN workspace_agents AS a ON a.resource_id = r.id
              WHERE r.job_id = b.job_id AND NOT a.deleted AND a.parent_id IS NULL
                AND a.lifecycle_state <> 'ready') AS unready
      FROM workspaces AS w
      JOIN templates AS t ON t.id = w.template_id
      JOIN workspace_builds AS b
          ON b.workspace_id = w.id
         AND b.build_number =
             (SELECT max(l.build_number) FROM workspace_builds AS l WHERE l.workspace_id = w.id)
      JOIN provisioner_jobs AS j ON j.id = b.job_id
      WHERE w.owner_id = $2
        AND NOT w.deleted
        AND w.template_id = (SELECT v.template_id
                             FROM template_version_presets AS p
                             JOIN template_versions AS v ON v.id = p.template_version_id
                             WHERE p.id = $1)
        AND b.transition = 'start'
        AND b.template_version_id = t.active_version_id
        AND (SELECT n.template_version_preset_id
             FROM workspace_builds AS n
             WHERE n.workspace_id = w.id AND n.template_version_preset_id IS NOT NULL
             ORDER BY n.build_number DESC
             LIMIT 1) = $1) AS pool

COALESCE(f.template_version_preset_id,
                (SELECT p.id
                 FROM template_version_presets AS p
                 WHERE p.template_version_id = f.template_version_id
                   AND NOT EXISTS (
                       SELECT 1
                       FROM template_version_preset_parameters AS v
                       WHERE v.template_version_preset_id = p.id
                         AND NOT EXISTS (
                             SELECT 1
                             FROM workspace_build_parameters AS g
                             WHERE g.workspace_build_id = f.id AND g.name = v.name AND g.value = v.value))
                 ORDER BY (SELECT count(*)
                           FROM template_version_preset_parameters AS v
                           WHERE v.template_version_preset_id = p.id) DESC, p.id
                 LIMIT 1)) AS preset_id,
       f.created_at,
       CASE WHEN j.job_status = 'succeeded' THEN j.completed_at END AS completed_at
FROM {}
{look_up provisioner_jobs AS j ON j.id = f.job_id}
WHERE w.owner_id <> $1
  AND w.template_id IN (SELECT v.template_id
                        FROM template_version_presets AS p
                        JOIN template_versions AS v ON v.id = p.template_version_id
                        WHERE p.desired_instances IS NOT NULL)
  AND f.initiator_id <> $1
  AND f.transition = 'start'

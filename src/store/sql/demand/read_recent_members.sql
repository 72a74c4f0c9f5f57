-- The members that pools have, and those that the jobs $2 are about: the same of each as `read_members` tells. Cost
-- follows both, never the builds of the prebuilds user ($1).
SELECT {past_member $1}
FROM (SELECT w.id
      FROM workspaces AS w
      WHERE {unclaimed w}
      UNION
      SELECT b.workspace_id
      FROM ({ids $2}) AS i
      {look_up workspace_builds AS b ON b.job_id = i.id}) AS m
{look_up workspace_builds AS f ON f.workspace_id = m.id AND f.build_number = 1}
{look_up workspaces AS w ON w.id = f.workspace_id}
{look_up provisioner_jobs AS j ON j.id = f.job_id}
LEFT JOIN workspace_builds AS n ON n.workspace_id = f.workspace_id AND n.build_number = 2
WHERE f.initiator_id = $1
  AND f.transition = 'start'
  AND f.template_version_preset_id IS NOT NULL
ORDER BY f.created_at

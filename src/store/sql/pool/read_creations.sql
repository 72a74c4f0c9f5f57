-- For every preset name: how many workspaces were created without a pool, which is how many first builds
-- were not made by the prebuilds user ($1). Those without a preset count under an empty name. Sums over all
-- versions; templates marked deleted are left out.
SELECT o.name AS organization,
       t.name AS template,
       COALESCE(p.name, '') AS preset,
       count(*) AS workspaces
FROM workspace_builds AS b
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN templates AS t ON t.id = w.template_id
JOIN organizations AS o ON o.id = w.organization_id
LEFT JOIN template_version_presets AS p ON p.id = b.template_version_preset_id
WHERE b.build_number = 1
  AND b.transition = 'start'
  AND b.initiator_id <> $1
  AND NOT t.deleted
GROUP BY o.name, t.name, COALESCE(p.name, '')
ORDER BY o.name, t.name, COALESCE(p.name, '')

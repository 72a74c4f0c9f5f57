-- For every preset name that ever had a pool: how many prebuilt workspaces the prebuilds user ($1)
-- has created, how many of these first builds failed, and how many of the workspaces were
-- claimed. Sums over all versions; templates marked deleted are left out.
--
-- Starts from the prebuilds user's builds by the index on initiator_id.
SELECT o.name AS organization,
       t.name AS template,
       p.name AS preset,
       count(*) AS created,
       count(CASE WHEN j.job_status = 'failed' THEN 1 END) AS failed,
       count(CASE WHEN w.owner_id <> $1 THEN 1 END) AS claimed
FROM workspace_builds AS b
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN templates AS t ON t.id = w.template_id
JOIN organizations AS o ON o.id = w.organization_id
JOIN template_version_presets AS p ON p.id = b.template_version_preset_id
JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE b.initiator_id = $1
  AND b.build_number = 1
  AND NOT t.deleted
GROUP BY o.name, t.name, p.name
ORDER BY o.name, t.name, p.name

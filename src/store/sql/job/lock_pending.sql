-- First builds of preset $1 that the prebuilds user ($2) started on a version that is no longer the
-- active one, and that no worker has begun. The workspace must still be the prebuilds user's. Where it
-- is not deleted and has no other build, the next build is its removal.
SELECT b.workspace_id,
       b.id,
       b.job_id,
       b.template_version_id,
       CAST(b.build_number AS bigint) AS build_number,
       NOT w.deleted AND NOT EXISTS (
           SELECT 1
           FROM workspace_builds AS later
           WHERE later.workspace_id = b.workspace_id AND later.build_number > 1) AS is_removable
FROM provisioner_jobs AS j
JOIN workspace_builds AS b ON b.job_id = j.id
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN templates AS t ON t.id = w.template_id
WHERE j.job_status = 'pending'
  AND j.worker_id IS NULL
  AND j.canceled_at IS NULL
  AND j.completed_at IS NULL
  AND b.initiator_id = $2
  AND b.build_number = 1
  AND b.transition = 'start'
  AND b.template_version_id <> t.active_version_id
  AND b.template_version_preset_id = $1
  AND w.owner_id = $2
{lock j}

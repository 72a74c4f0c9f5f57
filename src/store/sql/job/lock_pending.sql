-- Of the jobs of $1 those that are still of a first start build of the prebuilds user ($2) on a version
-- that is no longer the active one, and that no worker has begun. The workspace must still be the
-- prebuilds user's. Where it is not deleted and has no other build, the next build is its removal.
SELECT b.workspace_id,
       b.job_id,
       b.template_version_id,
       CAST(b.build_number AS bigint) AS build_number,
       {parameters b.id} AS parameters,
       CAST(j.tags AS text) AS tags,
       NOT w.deleted AND NOT EXISTS (
           SELECT 1
           FROM workspace_builds AS later
           WHERE later.workspace_id = b.workspace_id AND later.build_number > 1) AS is_removable
FROM ({ids $1}) AS n
{look_up provisioner_jobs AS j ON j.id = n.id}
{look_up workspace_builds AS b ON b.job_id = j.id}
{look_up workspaces AS w ON w.id = b.workspace_id}
{look_up templates AS t ON t.id = w.template_id}
WHERE j.job_status = 'pending'
  AND j.worker_id IS NULL
  AND j.canceled_at IS NULL
  AND j.completed_at IS NULL
  AND b.initiator_id = $2
  AND b.build_number = 1
  AND b.transition = 'start'
  AND w.owner_id = $2
  AND t.active_version_id <> b.template_version_id
{lock j}

-- The workspaces of $1 (workspace_id, owner_id, build_id) that are still that owner's, with that
-- build as their latest one, which has ended; with unused_version_id only as long as that version is not one in use.
-- Holds their rows, passing over those that another
-- transaction has locked: a claim of this tool in flight wins, and one that comes later finds the row
-- held and takes another. Coderd's claims don't wait for it: what they change is no key, and whether
-- the owner and the number of the next build are still there decides between them and a pass. On SQLite the transaction is the only
-- writer.
SELECT w.id AS workspace_id,
       b.job_id,
       b.template_version_id,
       CAST(b.build_number AS bigint) AS build_number,
       {parameters b.id} AS parameters,
       CAST(j.tags AS text) AS tags
FROM {rows $1 n: workspace_id uuid, owner_id uuid, build_id uuid, unused_version_id uuid}
{look_up workspaces AS w ON w.id = n.workspace_id}
{look_up workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}}
{look_up provisioner_jobs AS j ON j.id = b.job_id}
{look_up templates AS t ON t.id = w.template_id}
WHERE w.owner_id = n.owner_id
  AND NOT w.deleted
  AND b.id = n.build_id
  AND j.job_status NOT IN ('pending', 'running', 'canceling')
  AND (n.unused_version_id IS NULL
       OR t.active_version_id <> n.unused_version_id
       OR t.deleted
       OR t.deprecated <> '')
{hold w}

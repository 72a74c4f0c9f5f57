-- Live workspaces of the prebuilds user ($1), and pending or running jobs of builds that it started, whose
-- rows were written by transaction $2 or a later one, last that is: any that a snapshot lacks, if $2 is the
-- oldest that was running when it was taken, and perhaps some that it has.
--
-- Distances from the present, as age() gives them, compare in the right order whatever the epoch. A row
-- that was frozen long ago can seem young; a snapshot of today has it.
SELECT w.id
FROM workspaces AS w
WHERE w.owner_id = $1 AND NOT w.deleted AND age(w.xmin) <= age(CAST($2 AS xid))
UNION ALL
SELECT j.id
FROM provisioner_jobs AS j
CROSS JOIN LATERAL (
    SELECT 1 FROM workspace_builds WHERE job_id = j.id AND initiator_id = $1 LIMIT 1
) AS b
WHERE j.job_status IN ('pending', 'running') AND age(j.xmin) <= age(CAST($2 AS xid))
  -- Up to 2.27 the prebuilds user starts the builds of coderd's claims as well.
  AND coalesce(j.input ->> 'prebuilt_workspace_stage', '') <> '2'

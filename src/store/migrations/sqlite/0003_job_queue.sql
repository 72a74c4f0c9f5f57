-- Workers take the waiting jobs of each set of tags in order: people's jobs before those of the prebuilds
-- user, then the oldest.
CREATE INDEX provisioner_jobs_waiting_idx ON provisioner_jobs (
    tags,
    (initiator_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0'),
    created_at,
    id
) WHERE started_at IS NULL AND completed_at IS NULL AND type = 'workspace_build';
-- They look for jobs whose worker has died.
CREATE INDEX provisioner_jobs_heartbeat_idx ON provisioner_jobs (updated_at)
    WHERE started_at IS NOT NULL AND completed_at IS NULL;
-- Of use to nothing. By the second one SQLite would look through all that a worker has ever built.
DROP INDEX IF EXISTS provisioner_jobs_started_at_idx;
DROP INDEX IF EXISTS provisioner_jobs_worker_id_organization_id_completed_at_idx;
-- As long as it held the open jobs too, SQLite looked for them there.
DROP INDEX provisioner_jobs_completed_at_idx;
CREATE INDEX provisioner_jobs_completed_at_idx ON provisioner_jobs (completed_at)
    WHERE completed_at IS NOT NULL;

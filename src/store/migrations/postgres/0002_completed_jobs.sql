-- Metrics look for the jobs that were completed of late. Coder's tables have no index for that.
CREATE INDEX provisioner_jobs_completed_at_idx ON provisioner_jobs (completed_at);

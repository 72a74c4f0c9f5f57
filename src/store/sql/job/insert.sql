-- A job for each build of $1.
INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id,
                              provisioner, storage_method, file_id, type, input, tags,
                              trace_metadata)
SELECT job_id, $2, $2, organization_id, initiator_id, provisioner, storage_method, file_id,
       'workspace_build', input, tags, '{}'
FROM {rows $1 n:
    job_id uuid, organization_id uuid, initiator_id uuid, provisioner provisioner_type,
    storage_method provisioner_storage_method, file_id uuid, input jsonb, tags jsonb}

-- A job for each build of $1.
INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id,
                              provisioner, storage_method, file_id, type, input, tags,
                              trace_metadata)
SELECT value ->> 'job_id', $2, $2, value ->> 'organization_id', value ->> 'initiator_id',
       value ->> 'provisioner', value ->> 'storage_method', value ->> 'file_id',
       'workspace_build', value -> 'input', value -> 'tags', '{}'
FROM json_each($1)

-- The builds of $1. A number that somebody else has taken since the last build was read is a lost
-- race: that build is left out. Deadlines keep their default, which stands for none.
-- (WHERE true: without it the parser takes ON CONFLICT for a join.)
INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id, template_version_id,
                              build_number, transition, initiator_id, job_id, provisioner_state,
                              reason, template_version_preset_id)
SELECT value ->> 'id', $2, $2, value ->> 'workspace_id', value ->> 'template_version_id',
       value ->> 'build_number', value ->> 'transition', value ->> 'initiator_id',
       value ->> 'job_id',
       CASE WHEN value ->> 'keep_state' THEN
           (SELECT p.provisioner_state
            FROM workspace_builds AS p
            WHERE p.workspace_id = value ->> 'workspace_id'
              AND p.build_number = (value ->> 'build_number') - 1)
       END,
       'initiator', value ->> 'preset_id'
FROM json_each($1)
WHERE true
ON CONFLICT (workspace_id, build_number) DO NOTHING
RETURNING id

INSERT INTO provisioner_jobs (id, organization_id, initiator_id, file_id, input, tags, created_at,
                              updated_at, started_at, completed_at, provisioner, storage_method, type)
VALUES ($1, (SELECT organization_id FROM templates WHERE id = $2), $3, $4, {cast $5 jsonb},
        {cast $6 jsonb}, $7, $7, $7, $7, 'echo', 'file', 'template_version_import')

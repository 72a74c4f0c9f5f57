INSERT INTO template_versions (id, template_id, organization_id, name, readme, job_id, created_by,
                               created_at, updated_at)
VALUES ($1, $2, (SELECT organization_id FROM templates WHERE id = $2), $3, '', $4, $5, $6, $6)

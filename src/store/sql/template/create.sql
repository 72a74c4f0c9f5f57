INSERT INTO templates (id, organization_id, name, active_version_id, created_by, created_at,
                       updated_at, provisioner, use_classic_parameter_flow)
VALUES ($1, (SELECT id FROM organizations WHERE lower(name) = lower($2) AND NOT deleted), $3, $4, $5,
        $6, $6, 'echo', true)

       AS has_legacy_parameters,
       v.id,
       v.name,
       t.organization_id,
       CAST(t.provisioner AS text) AS provisioner,
       t.use_classic_parameter_flow AS flow,
       CAST(j.job_status AS text) AS import_status,
       CAST(j.storage_method AS text) AS storage_method,
       j.file_id,
       CAST(v.external_auth_providers AS text) AS external_auth_providers,
       CAST(COALESCE((SELECT {either jsonb_object_agg(g.key, g.value)
                                     | json_group_object(g.key, g.value)}
                      FROM template_version_workspace_tags AS g
                      WHERE g.template_version_id = v.id), '{ }') AS text) AS workspace_tags,
       CAST(j.tags AS text) AS "provisioner_jobs.tags"
FROM template_versions AS v
JOIN templates AS t ON t.id = v.template_id
JOIN provisioner_jobs AS j ON j.id = v.job_id
WHERE v.id IN ({ids $1})

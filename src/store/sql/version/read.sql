SELECT v.id,
       v.name,
       t.organization_id,
       CAST(t.provisioner AS text) AS provisioner,
       t.use_classic_parameter_flow AS flow,
       CAST(j.job_status AS text) AS import_status,
       CAST(j.storage_method AS text) AS storage_method,
       j.file_id,
       CAST(v.external_auth_providers AS text) AS external_auth_providers,
       CAST(j.tags AS text) AS "provisioner_jobs.tags"
FROM template_versions AS v
JOIN templates AS t ON t.id = v.template_id
JOIN provisioner_jobs AS j ON j.id = v.job_id
WHERE v.id IN ({ids $1})

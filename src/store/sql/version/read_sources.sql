-- What the import of each version of $1 left to render: its source, its modules, its plan and the
-- values of its variables. A version without a row here left nothing.
SELECT v.id, t.provisionerd_version, f.data AS archive, m.data AS modules,
       CAST(t.cached_plan AS text) AS cached_plan,
       {variables v.id} AS variables
  FROM template_versions AS v
  JOIN template_version_terraform_values AS t ON t.template_version_id = v.id
  JOIN provisioner_jobs AS j ON j.id = v.job_id
  LEFT JOIN files AS f ON f.id = j.file_id
  LEFT JOIN files AS m ON m.id = t.cached_module_files
 WHERE v.id IN ({ids $1})

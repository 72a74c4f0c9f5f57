SELECT v.id
FROM template_versions AS v
WHERE v.id IN ({ids $1})
  AND EXISTS (SELECT 1 FROM parameter_schemas AS s WHERE s.job_id = v.job_id)

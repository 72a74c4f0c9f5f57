-- What the waiting jobs of pools ask of a provisioner: the jobs of the prebuilds user ($1).
SELECT b.template_version_preset_id AS preset_id,
       j.organization_id,
       CAST(j.provisioner AS text) AS provisioner,
       CAST(j.tags AS text) AS tags,
       count(*) AS jobs
FROM provisioner_jobs AS j
JOIN workspace_builds AS b ON b.job_id = j.id
WHERE j.job_status = 'pending'
  AND j.initiator_id = $1
  AND b.template_version_preset_id IS NOT NULL
GROUP BY b.template_version_preset_id, j.organization_id, j.provisioner, j.tags
ORDER BY 1, 4

INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output)
SELECT job_id, at, 'provisioner', level, stage, output
FROM {rows $1 n:
    number bigint, job_id uuid, at timestamptz, level log_level, stage text, output text}
ORDER BY number

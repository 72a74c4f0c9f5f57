INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output)
SELECT $2, at, 'provisioner', level, stage, output
FROM {rows $1 n: number bigint, at timestamptz, level log_level, stage text, output text}
ORDER BY number

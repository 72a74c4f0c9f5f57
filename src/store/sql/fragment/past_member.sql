f.template_version_preset_id AS preset_id,
       f.created_at,
       CAST(j.job_status AS text) AS job_status,
       j.completed_at,
       (SELECT CASE WHEN count(CASE WHEN a.lifecycle_state IN
                                    ('created', 'starting', 'start_timeout', 'start_error') THEN 1 END) = 0
               THEN COALESCE(max(a.ready_at), j.completed_at) END
        FROM workspace_resources AS r
        {look_up workspace_agents AS a ON a.resource_id = r.id}
        WHERE r.job_id = f.job_id AND a.parent_id IS NULL) AS agents_ready_at,
       w.owner_id <> {} AS claimed,
       w.deleted,
       COALESCE(n.created_at, CASE WHEN w.deleted OR w.owner_id <> {} THEN w.updated_at END) AS left_at

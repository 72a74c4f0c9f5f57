{unclaimed w}
AND b.transition = 'start'
AND j.job_status = 'succeeded'
AND b.template_version_id = t.active_version_id
AND NOT t.deleted
AND t.deprecated = ''
AND {pool_preset w.id} = {}
AND t.active_version_id = (SELECT template_version_id FROM template_version_presets WHERE id = {})
AND (SELECT {every a.lifecycle_state = 'ready'} {agents b.job_id})

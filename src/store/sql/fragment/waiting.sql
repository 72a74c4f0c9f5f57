{}.started_at IS NULL AND {}.completed_at IS NULL AND {}.type = 'workspace_build'

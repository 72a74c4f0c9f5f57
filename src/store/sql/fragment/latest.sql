(SELECT max(l.build_number) FROM workspace_builds AS l WHERE l.workspace_id = {})

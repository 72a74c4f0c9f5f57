  -- Joined with versions and templates, the schedules would be few in PostgreSQL's expectation: it
  -- then read the index of preset names once for every template.
  AND p.template_version_id IN (SELECT active_version_id FROM templates)

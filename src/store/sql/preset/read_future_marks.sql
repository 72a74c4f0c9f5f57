-- Presets of active versions whose invalidation is dated after $1, by a clock that was ahead.
SELECT o.name || '/' || t.name || '/' || p.name
FROM template_version_presets AS p
JOIN templates AS t ON t.active_version_id = p.template_version_id
JOIN organizations AS o ON o.id = t.organization_id
WHERE p.last_invalidated_at > $1 AND NOT t.deleted
ORDER BY 1

-- Marks the presets of $1 (preset_id, at): what was created before that instant counts as expired. Presets
-- whose version is no longer the active one of a template in use are left out. No mark goes back, which
-- would bring expired workspaces to life again: a preset keeps a later one, unless it is after $2, the present.
UPDATE template_version_presets AS p
SET last_invalidated_at = CASE WHEN p.last_invalidated_at > n.at AND p.last_invalidated_at <= $2
                               THEN p.last_invalidated_at ELSE n.at END
FROM {rows $1 n: preset_id uuid, at timestamptz}
WHERE p.id = n.preset_id
  AND EXISTS (SELECT 1
              FROM templates AS t
              WHERE t.active_version_id = p.template_version_id AND NOT t.deleted)
RETURNING id

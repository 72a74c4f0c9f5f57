-- Prebuilt workspaces ($1), each for the template whose active version it names. One whose template
-- has another active version by now, is deleted or is deprecated is left out.
INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id, name,
                        last_used_at, automatic_updates)
SELECT n.id, n.created_at, n.created_at, $2, t.organization_id, t.id, n.name, n.created_at, 'never'
FROM {rows $1 n: id uuid, name text, template_version_id uuid, created_at timestamptz}
JOIN template_versions AS v ON v.id = n.template_version_id
JOIN templates AS t ON t.id = v.template_id AND t.active_version_id = v.id
WHERE NOT t.deleted AND t.deprecated = ''
RETURNING id

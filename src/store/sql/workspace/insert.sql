-- Prebuilt workspaces ($1: id, name, created_at) for the template whose active version is $3. No
-- rows when the template has another active version by now, is deleted or is deprecated.
INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id, name,
                        last_used_at, automatic_updates)
SELECT n.id, n.created_at, n.created_at, $2, t.organization_id, t.id, n.name, n.created_at, 'never'
FROM template_versions AS v
JOIN templates AS t ON t.id = v.template_id AND t.active_version_id = v.id
CROSS JOIN {rows $1 n: id uuid, name text, created_at timestamptz}
WHERE v.id = $3 AND NOT t.deleted AND t.deprecated = ''
RETURNING id

-- Organizations with live workspaces.
SELECT o.name
FROM organizations AS o
WHERE NOT o.deleted
  AND EXISTS (SELECT 1 FROM workspaces AS w WHERE w.organization_id = o.id AND NOT w.deleted)

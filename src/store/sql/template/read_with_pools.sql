-- The templates in use whose active version keeps prebuilt workspaces.
SELECT t.id
FROM templates AS t
WHERE NOT t.deleted
  AND EXISTS (SELECT 1
              FROM template_version_presets AS p
              WHERE p.template_version_id = t.active_version_id AND p.desired_instances IS NOT NULL)

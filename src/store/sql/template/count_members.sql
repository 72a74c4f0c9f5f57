-- The live prebuilt workspaces of each template.
SELECT w.template_id, count(*) AS members
FROM workspaces AS w
WHERE {unclaimed w}
GROUP BY w.template_id

-- Of the workspaces $1 those with an agent that is out of contact at $2, and since when.
SELECT w.id, min(a.last_connected_at) AS last_contact
FROM ({ids $1}) AS n
{look_up workspaces AS w ON w.id = n.id}
{look_up workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = {latest w.id}}
{look_up workspace_resources AS r ON r.job_id = b.job_id}
{look_up workspace_agents AS a ON a.resource_id = r.id}
WHERE NOT a.deleted
  AND {contact_end a} < {either extract(epoch FROM CAST($2 AS timestamptz)) | unixepoch($2)}
GROUP BY w.id
ORDER BY last_contact, w.id

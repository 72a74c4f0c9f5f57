-- One of the workspaces $1 whose owner, their membership or whose template is removed by now. A membership is a
-- value, which the server looks up: it would read all of them for NOT EXISTS.
SELECT w.id
FROM ({ids $1}) AS n
{look_up workspaces AS w ON w.id = n.id}
{look_up users AS u ON u.id = w.owner_id}
{look_up templates AS t ON t.id = w.template_id}
WHERE u.deleted
   OR t.deleted
   OR (SELECT m.user_id
       FROM organization_members AS m
       WHERE m.user_id = w.owner_id AND m.organization_id = w.organization_id) IS NULL
LIMIT 1

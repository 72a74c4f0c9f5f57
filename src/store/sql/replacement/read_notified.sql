-- Claims since $1 that replaced resources, as coderd's notifications of them say: one for each person who
-- looks after templates. Goes from the notifications, which coderd keeps for a week or so, to the workspaces
-- among their targets.
SELECT n.workspace_id,
       f.template_version_preset_id AS preset_id,
       n.workspace_name,
       n.claimant,
       n.at,
       CAST(n.replaced AS text) AS replaced
FROM (
    SELECT w.id AS workspace_id,
           w.name AS workspace_name,
           coalesce(m.payload -> 'labels' ->> 'claimant', '') AS claimant,
           min(m.created_at) AS at,
           coalesce(m.payload -> 'data' -> 'replacements', '{ }') AS replaced
    FROM notification_messages AS m
    {look_up workspaces AS w ON w.id = ANY (m.targets)}
    WHERE m.notification_template_id = '89d9745a-816e-4695-a17f-3d0a229e2b8d'
      AND m.created_at >= $1
    GROUP BY w.id, w.name, m.payload -> 'labels' ->> 'claimant', m.payload -> 'data' -> 'replacements'
) AS n
{look_up workspace_builds AS f ON f.workspace_id = n.workspace_id AND f.build_number = 1}
ORDER BY n.at, n.workspace_id

-- For each organization of $1 (a JSON array of ids): the quota that the prebuilds user ($2) has from
-- the groups it is in, that of all members and the one named $3 included; and whether anything of a
-- pool costs: a build of a prebuilt workspace that is still there, or a resource that the import of a version
-- with prebuilds configured has found.
SELECT o.name AS organization,
       (SELECT coalesce(sum(g.quota_allowance), 0)
        FROM groups AS g
        WHERE g.organization_id = o.id
          AND (g.id = o.id
               OR g.name = $3
               OR EXISTS (SELECT 1
                          FROM group_members AS m
                          WHERE m.group_id = g.id AND m.user_id = $2))) AS allowance,
       EXISTS (SELECT 1
               FROM workspaces AS w
               JOIN workspace_builds AS b ON b.workspace_id = w.id
               WHERE w.owner_id = $2
                 AND NOT w.deleted
                 AND w.organization_id = o.id
                 AND b.daily_cost > 0)
       OR EXISTS (SELECT 1
                  FROM templates AS t
                  JOIN template_versions AS v ON v.id = t.active_version_id
                  JOIN template_version_presets AS p ON p.template_version_id = v.id
                  JOIN workspace_resources AS r ON r.job_id = v.job_id
                  WHERE t.organization_id = o.id
                    AND NOT t.deleted
                    AND p.desired_instances > 0
                    AND r.transition = 'start'
                    AND r.daily_cost > 0) AS has_costs
FROM organizations AS o
WHERE o.id IN ({ids $1})
ORDER BY o.name

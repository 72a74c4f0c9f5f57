-- The workspaces since $2 that people, who are not the prebuilds user ($1), got without a pool though their
-- template has some: when each was asked for, and when it was built. The preset is the one that the first build
-- names or, where it names none, the largest one whose values it has, as coderd picks one. Goes through
-- workspaces, which no index has by time, and never through their builds.
SELECT {past_request workspaces AS w
{look_up workspace_builds AS f ON f.workspace_id = w.id AND f.build_number = 1}}
  AND w.created_at >= $2
ORDER BY f.created_at

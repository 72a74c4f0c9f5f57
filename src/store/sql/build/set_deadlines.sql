UPDATE workspace_builds
SET deadline = n.deadline
FROM {rows $1 n: id uuid, deadline timestamptz}
WHERE workspace_builds.id = n.id

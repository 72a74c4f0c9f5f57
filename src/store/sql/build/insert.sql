-- The builds of $1, each for a live workspace that is still its owner's. A number that another build
-- has taken since the last one was read is a lost race: that build is left out. Deadlines keep their
-- default, which stands for none; no state is an empty one, as in coderd's builds.
INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id, template_version_id,
                              build_number, transition, initiator_id, job_id, provisioner_state,
                              reason, template_version_preset_id)
SELECT n.id, $2, $2, n.workspace_id, n.template_version_id, n.build_number, n.transition,
       n.initiator_id, n.job_id,
       COALESCE(CASE WHEN n.keep_state THEN
                    (SELECT p.provisioner_state
                     FROM workspace_builds AS p
                     WHERE p.workspace_id = n.workspace_id
                       AND p.build_number = n.build_number - 1)
                END, {either '' | x''}),
       n.reason, n.preset_id
FROM {rows $1 n:
    id uuid, workspace_id uuid, template_version_id uuid, build_number integer,
    transition workspace_transition, initiator_id uuid, job_id uuid, keep_state boolean,
    preset_id uuid, owner_id uuid, reason build_reason}
{look_up workspaces AS w ON w.id = n.workspace_id}
WHERE w.owner_id = n.owner_id AND NOT w.deleted
ON CONFLICT (workspace_id, build_number) DO NOTHING
RETURNING id

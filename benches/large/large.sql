-- A large database of Coder's: 10 organizations, 1,000 templates of two versions with five
-- presets each, 250,000 workspaces with about a million builds. 37,500 of the workspaces are live
-- prebuilt ones; of those some 26,000 run, the others are in every other state. Nothing is random.

-- Without triggers and checks of foreign keys.
SET session_replication_role = replica;

INSERT INTO organizations (id, name, description, display_name, created_at, updated_at,
                           default_org_member_roles)
SELECT md5('organization ' || o)::uuid, 'organization-' || o, '', '', '2026-01-01Z', '2026-01-01Z',
       '{}'
FROM generate_series(1, 10) AS o;

INSERT INTO users (id, username, email, hashed_password, created_at, updated_at, status)
SELECT md5('user ' || u)::uuid, 'user-' || u, 'user-' || u || '@example.com', '', '2026-01-01Z',
       '2026-01-01Z', 'active'
FROM generate_series(1, 5000) AS u;

INSERT INTO templates (id, created_at, updated_at, organization_id, name, provisioner,
                       active_version_id, created_by)
SELECT md5('template ' || t)::uuid, '2026-01-01Z', '2026-01-01Z',
       md5('organization ' || 1 + t % 10)::uuid, 'template-' || t, 'terraform',
       md5('version ' || t || ' 2')::uuid, md5('user 1')::uuid
FROM generate_series(1, 1000) AS t;

INSERT INTO template_versions (id, template_id, organization_id, created_at, updated_at, name,
                               readme, job_id, created_by)
SELECT md5('version ' || t || ' ' || v)::uuid, md5('template ' || t)::uuid,
       md5('organization ' || 1 + t % 10)::uuid, '2026-01-01Z', '2026-01-01Z', 'v' || v, '',
       md5('import ' || t || ' ' || v)::uuid, md5('user 1')::uuid
FROM generate_series(1, 1000) AS t, generate_series(1, 2) AS v;

INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id,
                              provisioner, storage_method, type, input, file_id, started_at,
                              completed_at)
SELECT job_id, created_at, updated_at, organization_id, created_by, 'terraform', 'file',
       'template_version_import', '{}', job_id, created_at, created_at
FROM template_versions;

INSERT INTO template_version_parameters (template_version_id, name, description, type, mutable,
                                         default_value, icon, validation_regex, required)
SELECT v.id, p.name, '', 'string', true, '', '', '', false
FROM template_versions AS v, (VALUES ('cores'), ('region')) AS p (name);

INSERT INTO template_version_presets (id, template_version_id, name, desired_instances,
                                      invalidate_after_secs, created_at)
SELECT md5('preset ' || t || ' ' || v || ' ' || p)::uuid, md5('version ' || t || ' ' || v)::uuid,
       'preset-' || p, 5, 86400, '2026-01-01Z'
FROM generate_series(1, 1000) AS t, generate_series(1, 2) AS v, generate_series(1, 5) AS p;

INSERT INTO template_version_preset_parameters (id, template_version_preset_id, name, value)
SELECT md5('value ' || p.id || v.name)::uuid, p.id, v.name, v.value
FROM template_version_presets AS p, (VALUES ('cores', '8'), ('region', 'eu')) AS v (name, value);

-- The one who claims.
INSERT INTO organization_members (user_id, organization_id, created_at, updated_at)
SELECT md5('user 1')::uuid, id, created_at, updated_at
FROM organizations;

-- Workspace n is a prebuilt one below 50,000, of which every fourth is deleted, and a person's from
-- there on. People's have about five builds, prebuilt ones one or two.
CREATE TEMPORARY TABLE plan AS
SELECT n, n < 50000 AS prebuilt, 1 + n % 1000 AS t, 1 + (n / 1000) % 5 AS p,
       CASE WHEN n < 50000 THEN 1 + (n % 3 = 0)::int ELSE 1 + n % 9 END AS builds,
       '2026-03-01Z'::timestamptz + n * interval '1 second' AS at
FROM generate_series(0, 249999) AS n;

INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id, name,
                        deleted)
SELECT md5('workspace ' || n)::uuid, at, at,
       CASE WHEN prebuilt THEN 'c42fdf75-3097-471c-8c33-fb52454d81c0'
            ELSE md5('user ' || 1 + n % 5000)::uuid END,
       md5('organization ' || 1 + t % 10)::uuid, md5('template ' || t)::uuid, 'workspace-' || n,
       prebuilt AND n % 4 = 0
FROM plan;

CREATE TEMPORARY TABLE plan_builds AS
SELECT plan.*, b, md5('build ' || n || ' ' || b)::uuid AS build_id,
       md5('job ' || n || ' ' || b)::uuid AS job_id,
       -- The state of the latest build: seven in ten run, the rest is spread over all the others.
       CASE WHEN b < builds OR n % 10 < 7 THEN 'succeeded'
            ELSE (ARRAY['failed', 'pending', 'running', 'canceled'])[1 + (n / 10) % 4] END AS status
FROM plan, generate_series(1, builds) AS b;

INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id,
                              provisioner, storage_method, type, input, file_id, started_at,
                              completed_at, canceled_at, error)
SELECT job_id, at, at, md5('organization ' || 1 + t % 10)::uuid,
       CASE WHEN prebuilt THEN 'c42fdf75-3097-471c-8c33-fb52454d81c0'
            ELSE md5('user ' || 1 + n % 5000)::uuid END,
       'terraform', 'file', 'workspace_build', '{}', md5('import ' || t || ' 2')::uuid,
       CASE WHEN status <> 'pending' THEN at END,
       CASE WHEN status NOT IN ('pending', 'running') THEN at END,
       CASE WHEN status = 'canceled' THEN at END,
       CASE WHEN status = 'failed' THEN 'exit status 1' END
FROM plan_builds;

INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id, template_version_id,
                              build_number, transition, initiator_id, job_id,
                              template_version_preset_id)
SELECT build_id, at, at, md5('workspace ' || n)::uuid,
       md5('version ' || t || ' ' || 1 + (n % 8 > 0)::int)::uuid, b, 'start',
       CASE WHEN prebuilt THEN 'c42fdf75-3097-471c-8c33-fb52454d81c0'
            ELSE md5('user ' || 1 + n % 5000)::uuid END,
       job_id,
       CASE WHEN prebuilt
            THEN md5('preset ' || t || ' ' || 1 + (n % 8 > 0)::int || ' ' || p)::uuid END
FROM plan_builds;

INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
SELECT build_id, v.name, v.value
FROM plan_builds, (VALUES ('cores', '8'), ('region', 'eu')) AS v (name, value)
WHERE prebuilt;

INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
SELECT md5('resource ' || job_id)::uuid, at, job_id, 'start', 'container', 'main'
FROM plan_builds
WHERE b = builds AND status = 'succeeded';

INSERT INTO workspace_agents (id, created_at, updated_at, name, resource_id, auth_token,
                              architecture, operating_system, lifecycle_state)
SELECT md5('agent ' || job_id)::uuid, at, at, 'main', md5('resource ' || job_id)::uuid,
       md5('token ' || job_id)::uuid, 'amd64', 'linux',
       CASE WHEN n % 5 > 0 THEN 'ready'::workspace_agent_lifecycle_state ELSE 'starting' END
FROM plan_builds
WHERE b = builds AND status = 'succeeded';

VACUUM (ANALYZE);

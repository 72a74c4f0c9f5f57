-- The tables that pools of prebuilt workspaces need, on SQLite: the same tables, columns, keys,
-- checks and indexes as on PostgreSQL.
--
-- How types are written down (tables are STRICT):
--   uuid             TEXT, lower case with hyphens. No default: the writer supplies every id, also
--                    where PostgreSQL would make one up
--   timestamp        TEXT in UTC with microseconds, 2026-03-04T12:00:00.000000Z: 27 characters,
--                    so that the order of texts is the order of times
--   boolean          INTEGER, 0 or 1
--   enum             TEXT with its labels in a check
--   jsonb, arrays    TEXT holding JSON; an array is a JSON array
--   bytea            BLOB
--   varchar(n)       TEXT with a check on its length
--
-- lower() folds ASCII letters only here: names that differ in the case of other letters are
-- different names here, and one name on PostgreSQL. A partial index serves only statements that
-- repeat its condition as it is written here: NOT deleted, and not deleted = 0.

-- People and organizations ------------------------------------------------------------------------

CREATE TABLE organizations (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
    display_name TEXT NOT NULL,
    icon TEXT NOT NULL DEFAULT '',
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    shareable_workspace_owners TEXT NOT NULL DEFAULT 'everyone'
        CHECK (shareable_workspace_owners IN ('none', 'everyone', 'service_accounts'))
) STRICT;
CREATE UNIQUE INDEX idx_organization_name_lower ON organizations (lower(name)) WHERE NOT deleted;
CREATE UNIQUE INDEX organizations_single_default_org ON organizations (is_default) WHERE is_default;

-- email is empty exactly for service accounts.
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    username TEXT NOT NULL DEFAULT '',
    hashed_password BLOB NOT NULL,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    status TEXT NOT NULL DEFAULT 'dormant' CHECK (status IN ('active', 'suspended', 'dormant')),
    rbac_roles TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(rbac_roles)),
    login_type TEXT NOT NULL DEFAULT 'password'
        CHECK (login_type IN ('password', 'github', 'oidc', 'token', 'none',
            'oauth2_provider_app')),
    avatar_url TEXT NOT NULL DEFAULT '',
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    last_seen_at TEXT NOT NULL
        DEFAULT '0001-01-01T00:00:00.000000Z' CHECK (length(last_seen_at) = 27),
    quiet_hours_schedule TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL DEFAULT '',
    github_com_user_id INTEGER,
    hashed_one_time_passcode BLOB,
    one_time_passcode_expires_at TEXT CHECK (length(one_time_passcode_expires_at) = 27),
    is_system INTEGER NOT NULL DEFAULT 0 CHECK (is_system IN (0, 1)),
    is_service_account INTEGER NOT NULL DEFAULT 0 CHECK (is_service_account IN (0, 1)),
    chat_spend_limit_micros INTEGER,
    CONSTRAINT one_time_passcode_set
        CHECK ((hashed_one_time_passcode IS NULL) = (one_time_passcode_expires_at IS NULL)),
    CONSTRAINT users_chat_spend_limit_micros_check
        CHECK (chat_spend_limit_micros IS NULL OR chat_spend_limit_micros > 0),
    CONSTRAINT users_email_not_empty CHECK (is_service_account = (email = '')),
    CONSTRAINT users_service_account_login_type
        CHECK (NOT is_service_account OR login_type = 'none'),
    CONSTRAINT users_username_min_length CHECK (length(username) >= 1)
) STRICT;
CREATE UNIQUE INDEX idx_users_email ON users (email) WHERE NOT deleted AND email <> '';
CREATE UNIQUE INDEX idx_users_username ON users (username) WHERE NOT deleted;
CREATE UNIQUE INDEX users_email_lower_idx ON users (lower(email)) WHERE NOT deleted AND email <> '';
CREATE UNIQUE INDEX users_username_lower_idx ON users (lower(username)) WHERE NOT deleted;

CREATE TABLE organization_members (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    roles TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(roles)),
    PRIMARY KEY (organization_id, user_id)
) STRICT;
CREATE INDEX idx_organization_member_organization_id_uuid ON organization_members (organization_id);
CREATE INDEX idx_organization_member_user_id_uuid ON organization_members (user_id);

-- The group of everybody in an organization has the organization's id.
CREATE TABLE groups (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    avatar_url TEXT NOT NULL DEFAULT '',
    quota_allowance INTEGER NOT NULL DEFAULT 0,
    display_name TEXT NOT NULL DEFAULT '',
    source TEXT NOT NULL DEFAULT 'user' CHECK (source IN ('user', 'oidc')),
    chat_spend_limit_micros INTEGER,
    UNIQUE (name, organization_id),
    CONSTRAINT groups_chat_spend_limit_micros_check
        CHECK (chat_spend_limit_micros IS NULL OR chat_spend_limit_micros > 0)
) STRICT;

CREATE TABLE group_members (
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    group_id TEXT NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    UNIQUE (user_id, group_id)
) STRICT;

-- Templates, their versions and the presets of those ----------------------------------------------

-- active_version_id has no foreign key: template and first version name each other.
CREATE TABLE templates (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    name TEXT NOT NULL CHECK (length(name) <= 64),
    provisioner TEXT NOT NULL CHECK (provisioner IN ('echo', 'terraform')),
    active_version_id TEXT NOT NULL,
    description TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 128),
    default_ttl INTEGER NOT NULL DEFAULT 604800000000000, -- nanoseconds
    created_by TEXT NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    icon TEXT NOT NULL DEFAULT '' CHECK (length(icon) <= 256),
    user_acl TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(user_acl)),
    group_acl TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(group_acl)),
    display_name TEXT NOT NULL DEFAULT '' CHECK (length(display_name) <= 64),
    allow_user_cancel_workspace_jobs INTEGER NOT NULL DEFAULT 1
        CHECK (allow_user_cancel_workspace_jobs IN (0, 1)),
    allow_user_autostart INTEGER NOT NULL DEFAULT 1 CHECK (allow_user_autostart IN (0, 1)),
    allow_user_autostop INTEGER NOT NULL DEFAULT 1 CHECK (allow_user_autostop IN (0, 1)),
    failure_ttl INTEGER NOT NULL DEFAULT 0,
    time_til_dormant INTEGER NOT NULL DEFAULT 0,
    time_til_dormant_autodelete INTEGER NOT NULL DEFAULT 0,
    autostop_requirement_days_of_week INTEGER NOT NULL DEFAULT 0,
    autostop_requirement_weeks INTEGER NOT NULL DEFAULT 0,
    autostart_block_days_of_week INTEGER NOT NULL DEFAULT 0,
    require_active_version INTEGER NOT NULL DEFAULT 0 CHECK (require_active_version IN (0, 1)),
    deprecated TEXT NOT NULL DEFAULT '', -- the message; deprecated when not empty
    activity_bump INTEGER NOT NULL DEFAULT 3600000000000,
    max_port_sharing_level TEXT NOT NULL DEFAULT 'owner'
        CHECK (max_port_sharing_level IN ('owner', 'authenticated', 'organization', 'public')),
    use_classic_parameter_flow INTEGER NOT NULL DEFAULT 0
        CHECK (use_classic_parameter_flow IN (0, 1)),
    cors_behavior TEXT NOT NULL DEFAULT 'simple' CHECK (cors_behavior IN ('simple', 'passthru')),
    disable_module_cache INTEGER NOT NULL DEFAULT 0 CHECK (disable_module_cache IN (0, 1))
) STRICT;
CREATE UNIQUE INDEX templates_organization_id_name_idx
    ON templates (organization_id, lower(name)) WHERE NOT deleted;

-- job_id names the import job and has no foreign key. template_id is null until the version is
-- attached to a template.
CREATE TABLE template_versions (
    id TEXT NOT NULL PRIMARY KEY,
    template_id TEXT REFERENCES templates (id) ON DELETE CASCADE,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    name TEXT NOT NULL CHECK (length(name) <= 64),
    readme TEXT NOT NULL CHECK (length(readme) <= 1048576),
    job_id TEXT NOT NULL,
    created_by TEXT NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    external_auth_providers TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(external_auth_providers)),
    message TEXT NOT NULL DEFAULT '' CHECK (length(message) <= 1048576),
    archived INTEGER NOT NULL DEFAULT 0 CHECK (archived IN (0, 1)),
    source_example_id TEXT,
    has_ai_task INTEGER CHECK (has_ai_task IN (0, 1)),
    has_external_agent INTEGER CHECK (has_external_agent IN (0, 1)),
    UNIQUE (template_id, name)
) STRICT;
CREATE INDEX idx_template_versions_has_ai_task ON template_versions (has_ai_task);

CREATE TABLE template_version_parameters (
    template_version_id TEXT NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    type TEXT NOT NULL,
    mutable INTEGER NOT NULL CHECK (mutable IN (0, 1)),
    default_value TEXT NOT NULL,
    icon TEXT NOT NULL,
    options TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(options)),
    validation_regex TEXT NOT NULL,
    validation_min INTEGER,
    validation_max INTEGER,
    validation_error TEXT NOT NULL DEFAULT '',
    validation_monotonic TEXT NOT NULL DEFAULT '',
    required INTEGER NOT NULL DEFAULT 1 CHECK (required IN (0, 1)),
    display_name TEXT NOT NULL DEFAULT '',
    display_order INTEGER NOT NULL DEFAULT 0,
    ephemeral INTEGER NOT NULL DEFAULT 0 CHECK (ephemeral IN (0, 1)),
    form_type TEXT NOT NULL DEFAULT ''
        CHECK (form_type IN ('', 'error', 'radio', 'dropdown', 'input', 'textarea', 'slider',
            'checkbox', 'switch', 'tag-select', 'multi-select')),
    UNIQUE (template_version_id, name),
    CONSTRAINT validation_monotonic_order
        CHECK (validation_monotonic IN ('increasing', 'decreasing', ''))
) STRICT;

CREATE TABLE template_version_workspace_tags (
    template_version_id TEXT NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (template_version_id, key)
) STRICT;

-- A preset with desired_instances has a pool. invalidate_after_secs is the age at which a prebuilt
-- workspace expires; null, 0 and below mean never.
CREATE TABLE template_version_presets (
    id TEXT NOT NULL PRIMARY KEY,
    template_version_id TEXT NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    created_at TEXT NOT NULL
        DEFAULT (strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000Z')
        CHECK (length(created_at) = 27),
    desired_instances INTEGER,
    invalidate_after_secs INTEGER DEFAULT 0,
    prebuild_status TEXT NOT NULL DEFAULT 'healthy'
        CHECK (prebuild_status IN ('healthy', 'hard_limited', 'validation_failed')),
    scheduling_timezone TEXT NOT NULL DEFAULT '',
    is_default INTEGER NOT NULL DEFAULT 0 CHECK (is_default IN (0, 1)),
    description TEXT NOT NULL DEFAULT '' CHECK (length(description) <= 128),
    icon TEXT NOT NULL DEFAULT '' CHECK (length(icon) <= 256),
    last_invalidated_at TEXT CHECK (length(last_invalidated_at) = 27)
) STRICT;
CREATE UNIQUE INDEX idx_template_version_presets_default
    ON template_version_presets (template_version_id) WHERE is_default;
CREATE UNIQUE INDEX idx_unique_preset_name ON template_version_presets (name, template_version_id);

CREATE TABLE template_version_preset_parameters (
    id TEXT NOT NULL PRIMARY KEY,
    template_version_preset_id TEXT NOT NULL
        REFERENCES template_version_presets (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL
) STRICT;

-- cron_expression is read as a range of times: five fields, the minute always *.
CREATE TABLE template_version_preset_prebuild_schedules (
    id TEXT NOT NULL PRIMARY KEY,
    preset_id TEXT NOT NULL REFERENCES template_version_presets (id) ON DELETE CASCADE,
    cron_expression TEXT NOT NULL,
    desired_instances INTEGER NOT NULL
) STRICT;

-- Provisioner jobs, and the daemons that work on them ---------------------------------------------

-- job_status follows from the times and the error: a text in error wins over everything, an empty
-- one counts as none.
CREATE TABLE provisioner_jobs (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    started_at TEXT CHECK (length(started_at) = 27),
    canceled_at TEXT CHECK (length(canceled_at) = 27),
    completed_at TEXT CHECK (length(completed_at) = 27),
    error TEXT,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    initiator_id TEXT NOT NULL,
    provisioner TEXT NOT NULL CHECK (provisioner IN ('echo', 'terraform')),
    storage_method TEXT NOT NULL CHECK (storage_method IN ('file')),
    type TEXT NOT NULL
        CHECK (type IN ('template_version_import', 'workspace_build', 'template_version_dry_run')),
    input TEXT NOT NULL CHECK (json_valid(input)),
    worker_id TEXT,
    file_id TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '{"scope": "organization"}' CHECK (json_valid(tags)),
    error_code TEXT,
    trace_metadata TEXT CHECK (json_valid(trace_metadata)),
    job_status TEXT NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN error <> '' THEN 'failed'
            WHEN completed_at IS NOT NULL AND canceled_at IS NOT NULL THEN 'canceled'
            WHEN completed_at IS NOT NULL THEN 'succeeded'
            WHEN canceled_at IS NOT NULL THEN 'canceling'
            WHEN started_at IS NULL THEN 'pending'
            ELSE 'running'
        END
    ) STORED,
    logs_length INTEGER NOT NULL DEFAULT 0,
    logs_overflowed INTEGER NOT NULL DEFAULT 0 CHECK (logs_overflowed IN (0, 1)),
    CONSTRAINT max_provisioner_logs_length CHECK (logs_length <= 1048576)
) STRICT;
CREATE INDEX idx_provisioner_jobs_status ON provisioner_jobs (job_status);
CREATE INDEX provisioner_jobs_started_at_idx
    ON provisioner_jobs (started_at) WHERE started_at IS NULL;
CREATE INDEX provisioner_jobs_worker_id_organization_id_completed_at_idx
    ON provisioner_jobs (worker_id, organization_id, completed_at DESC);

CREATE TABLE provisioner_job_logs (
    job_id TEXT NOT NULL REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    source TEXT NOT NULL CHECK (source IN ('provisioner_daemon', 'provisioner')),
    level TEXT NOT NULL CHECK (level IN ('trace', 'debug', 'info', 'warn', 'error')),
    stage TEXT NOT NULL CHECK (length(stage) <= 128),
    output TEXT NOT NULL CHECK (length(output) <= 1024),
    id INTEGER NOT NULL PRIMARY KEY
) STRICT;
CREATE INDEX provisioner_job_logs_id_job_id_idx ON provisioner_job_logs (job_id, id);
-- Our own: claims that replaced resources are looked for among the lines of all jobs.
CREATE INDEX provisioner_job_logs_replacement_idx
    ON provisioner_job_logs (created_at) WHERE stage = 'Resource replacement';

CREATE TABLE provisioner_keys (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name TEXT NOT NULL CHECK (length(name) <= 64),
    hashed_secret BLOB NOT NULL,
    tags TEXT NOT NULL CHECK (json_valid(tags))
) STRICT;
CREATE UNIQUE INDEX provisioner_keys_organization_id_name_idx
    ON provisioner_keys (organization_id, lower(name));

CREATE TABLE provisioner_daemons (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    name TEXT NOT NULL CHECK (length(name) <= 64),
    provisioners TEXT NOT NULL CHECK (json_valid(provisioners)),
    replica_id TEXT,
    tags TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(tags)),
    last_seen_at TEXT CHECK (length(last_seen_at) = 27),
    version TEXT NOT NULL DEFAULT '',
    api_version TEXT NOT NULL DEFAULT '1.0',
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    key_id TEXT NOT NULL REFERENCES provisioner_keys (id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX idx_provisioner_daemons_org_name_owner_key
    ON provisioner_daemons (organization_id, name, lower(COALESCE(tags ->> '$.owner', '')));

-- Workspaces, their builds, and what builds leave behind ------------------------------------------

-- Nothing sets deleted but the writer whose delete build succeeded.
CREATE TABLE workspaces (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    organization_id TEXT NOT NULL REFERENCES organizations (id) ON DELETE RESTRICT,
    template_id TEXT NOT NULL REFERENCES templates (id) ON DELETE RESTRICT,
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    name TEXT NOT NULL CHECK (length(name) <= 64),
    autostart_schedule TEXT,
    ttl INTEGER, -- nanoseconds
    last_used_at TEXT NOT NULL
        DEFAULT '0001-01-01T00:00:00.000000Z' CHECK (length(last_used_at) = 27),
    dormant_at TEXT CHECK (length(dormant_at) = 27),
    deleting_at TEXT CHECK (length(deleting_at) = 27),
    automatic_updates TEXT NOT NULL DEFAULT 'never'
        CHECK (automatic_updates IN ('always', 'never')),
    favorite INTEGER NOT NULL DEFAULT 0 CHECK (favorite IN (0, 1)),
    next_start_at TEXT CHECK (length(next_start_at) = 27),
    group_acl TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(group_acl)),
    user_acl TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(user_acl)),
    CONSTRAINT group_acl_is_object CHECK (json_type(group_acl) = 'object'),
    CONSTRAINT user_acl_is_object CHECK (json_type(user_acl) = 'object')
) STRICT;
CREATE UNIQUE INDEX workspaces_owner_id_lower_idx
    ON workspaces (owner_id, lower(name)) WHERE NOT deleted;
CREATE INDEX workspace_next_start_at_idx ON workspaces (next_start_at) WHERE NOT deleted;
CREATE INDEX workspace_template_id_idx ON workspaces (template_id) WHERE NOT deleted;

-- build_number counts up from 1 in each workspace; the writer picks it. The year 1 in deadline and
-- max_deadline stands for none.
CREATE TABLE workspace_builds (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    workspace_id TEXT NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    template_version_id TEXT NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    build_number INTEGER NOT NULL,
    transition TEXT NOT NULL CHECK (transition IN ('start', 'stop', 'delete')),
    initiator_id TEXT NOT NULL,
    provisioner_state BLOB,
    job_id TEXT NOT NULL UNIQUE REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    deadline TEXT NOT NULL DEFAULT '0001-01-01T00:00:00.000000Z' CHECK (length(deadline) = 27),
    reason TEXT NOT NULL DEFAULT 'initiator'
        CHECK (reason IN ('initiator', 'autostart', 'autostop', 'dormancy', 'failedstop',
            'autodelete', 'dashboard', 'cli', 'ssh_connection', 'vscode_connection',
            'jetbrains_connection', 'task_auto_pause', 'task_manual_pause', 'task_resume')),
    daily_cost INTEGER NOT NULL DEFAULT 0,
    max_deadline TEXT NOT NULL
        DEFAULT '0001-01-01T00:00:00.000000Z' CHECK (length(max_deadline) = 27),
    template_version_preset_id TEXT REFERENCES template_version_presets (id) ON DELETE SET NULL,
    has_ai_task INTEGER CHECK (has_ai_task IN (0, 1)),
    has_external_agent INTEGER CHECK (has_external_agent IN (0, 1)),
    UNIQUE (workspace_id, build_number),
    CONSTRAINT workspace_builds_deadline_below_max_deadline
        CHECK (
            max_deadline = '0001-01-01T00:00:00.000000Z'
            OR (deadline <> '0001-01-01T00:00:00.000000Z' AND deadline <= max_deadline)
        )
) STRICT;
CREATE INDEX idx_workspace_builds_initiator_id ON workspace_builds (initiator_id);

CREATE TABLE workspace_build_parameters (
    workspace_build_id TEXT NOT NULL REFERENCES workspace_builds (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    UNIQUE (workspace_build_id, name)
) STRICT;

CREATE TABLE workspace_resources (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    job_id TEXT NOT NULL REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    transition TEXT NOT NULL CHECK (transition IN ('start', 'stop', 'delete')),
    type TEXT NOT NULL CHECK (length(type) <= 192),
    name TEXT NOT NULL CHECK (length(name) <= 64),
    hide INTEGER NOT NULL DEFAULT 0 CHECK (hide IN (0, 1)),
    icon TEXT NOT NULL DEFAULT '' CHECK (length(icon) <= 256),
    instance_type TEXT CHECK (length(instance_type) <= 256),
    daily_cost INTEGER NOT NULL DEFAULT 0,
    module_path TEXT
) STRICT;
CREATE INDEX workspace_resources_job_id_idx ON workspace_resources (job_id);

-- parent_id is set for sub-agents. Names are unique among the live agents of a build, which no
-- constraint here enforces.
CREATE TABLE workspace_agents (
    id TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL CHECK (length(created_at) = 27),
    updated_at TEXT NOT NULL CHECK (length(updated_at) = 27),
    name TEXT NOT NULL CHECK (length(name) <= 64),
    first_connected_at TEXT CHECK (length(first_connected_at) = 27),
    last_connected_at TEXT CHECK (length(last_connected_at) = 27),
    disconnected_at TEXT CHECK (length(disconnected_at) = 27),
    resource_id TEXT NOT NULL REFERENCES workspace_resources (id) ON DELETE CASCADE,
    auth_token TEXT NOT NULL,
    auth_instance_id TEXT,
    architecture TEXT NOT NULL CHECK (length(architecture) <= 64),
    environment_variables TEXT CHECK (json_valid(environment_variables)),
    operating_system TEXT NOT NULL CHECK (length(operating_system) <= 64),
    instance_metadata TEXT CHECK (json_valid(instance_metadata)),
    resource_metadata TEXT CHECK (json_valid(resource_metadata)),
    directory TEXT NOT NULL DEFAULT '' CHECK (length(directory) <= 4096),
    version TEXT NOT NULL DEFAULT '',
    last_connected_replica_id TEXT,
    connection_timeout_seconds INTEGER NOT NULL DEFAULT 0,
    troubleshooting_url TEXT NOT NULL DEFAULT '',
    motd_file TEXT NOT NULL DEFAULT '',
    lifecycle_state TEXT NOT NULL DEFAULT 'created'
        CHECK (lifecycle_state IN ('created', 'starting', 'start_timeout', 'start_error', 'ready',
            'shutting_down', 'shutdown_timeout', 'shutdown_error', 'off')),
    expanded_directory TEXT NOT NULL DEFAULT '' CHECK (length(expanded_directory) <= 4096),
    logs_length INTEGER NOT NULL DEFAULT 0,
    logs_overflowed INTEGER NOT NULL DEFAULT 0 CHECK (logs_overflowed IN (0, 1)),
    started_at TEXT CHECK (length(started_at) = 27),
    ready_at TEXT CHECK (length(ready_at) = 27),
    subsystems TEXT DEFAULT '[]' CHECK (json_valid(subsystems)),
    display_apps TEXT
        DEFAULT '["vscode","vscode_insiders","web_terminal","ssh_helper","port_forwarding_helper"]'
        CHECK (json_valid(display_apps)),
    api_version TEXT NOT NULL DEFAULT '',
    display_order INTEGER NOT NULL DEFAULT 0,
    parent_id TEXT REFERENCES workspace_agents (id) ON DELETE CASCADE,
    api_key_scope TEXT NOT NULL DEFAULT 'all' CHECK (api_key_scope IN ('all', 'no_user_data')),
    deleted INTEGER NOT NULL DEFAULT 0 CHECK (deleted IN (0, 1)),
    CONSTRAINT max_logs_length CHECK (logs_length <= 1048576),
    CONSTRAINT subsystems_not_none CHECK (instr(subsystems, '"none"') = 0)
) STRICT;
CREATE INDEX workspace_agents_auth_instance_id_deleted_idx
    ON workspace_agents (auth_instance_id, deleted);
CREATE INDEX workspace_agents_auth_token_idx ON workspace_agents (auth_token);
CREATE INDEX workspace_agents_resource_id_idx ON workspace_agents (resource_id);

-- Settings ----------------------------------------------------------------------------------------

-- The row prebuilds_settings holds a JSON object, {"reconciliation_paused": true} for instance.
CREATE TABLE site_configs (
    key TEXT NOT NULL UNIQUE CHECK (length(key) <= 256),
    value TEXT NOT NULL
) STRICT;

-- The well-known row ------------------------------------------------------------------------------

-- The owner of every prebuilt workspace until somebody claims it. It can't log in.
INSERT INTO users (
    id, email, username, name, hashed_password, created_at, updated_at,
    status, login_type, is_system
) VALUES (
    'c42fdf75-3097-471c-8c33-fb52454d81c0', 'prebuilds@system', 'prebuilds', 'Prebuilds Owner',
    CAST('none' AS BLOB), '2025-01-01T00:00:00.000000Z', '2025-01-01T00:00:00.000000Z',
    'active', 'none', 1
);

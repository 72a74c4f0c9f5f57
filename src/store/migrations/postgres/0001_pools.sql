-- The tables that pools of prebuilt workspaces need.
--
-- Names, types, defaults, keys, checks and indexes are those of a Coder database, all columns of
-- each table included, so that one set of statements serves both. Left out are other tables, the
-- foreign keys to those, triggers and views, and schema_migrations, whose presence is what tells a
-- database that Coder manages from one of our own. Runs on PostgreSQL 13 and later.

-- Types -------------------------------------------------------------------------------------------

CREATE TYPE shareable_workspace_owners AS ENUM ('none', 'everyone', 'service_accounts');
CREATE TYPE user_status AS ENUM ('active', 'suspended', 'dormant');
CREATE TYPE login_type AS ENUM (
    'password', 'github', 'oidc', 'token', 'none', 'oauth2_provider_app'
);
CREATE TYPE group_source AS ENUM ('user', 'oidc');
CREATE TYPE provisioner_type AS ENUM ('echo', 'terraform');
CREATE TYPE app_sharing_level AS ENUM ('owner', 'authenticated', 'organization', 'public');
CREATE TYPE cors_behavior AS ENUM ('simple', 'passthru');
CREATE TYPE parameter_form_type AS ENUM (
    '', 'error', 'radio', 'dropdown', 'input', 'textarea', 'slider', 'checkbox', 'switch',
    'tag-select', 'multi-select'
);
CREATE TYPE prebuild_status AS ENUM ('healthy', 'hard_limited', 'validation_failed');
CREATE TYPE provisioner_storage_method AS ENUM ('file');
CREATE TYPE provisioner_job_type AS ENUM (
    'template_version_import', 'workspace_build', 'template_version_dry_run'
);
CREATE TYPE provisioner_job_status AS ENUM (
    'pending', 'running', 'succeeded', 'canceling', 'canceled', 'failed', 'unknown'
);
CREATE TYPE log_source AS ENUM ('provisioner_daemon', 'provisioner');
CREATE TYPE log_level AS ENUM ('trace', 'debug', 'info', 'warn', 'error');
CREATE TYPE automatic_updates AS ENUM ('always', 'never');
CREATE TYPE workspace_transition AS ENUM ('start', 'stop', 'delete');
CREATE TYPE build_reason AS ENUM (
    'initiator', 'autostart', 'autostop', 'dormancy', 'failedstop', 'autodelete', 'dashboard',
    'cli', 'ssh_connection', 'vscode_connection', 'jetbrains_connection', 'task_auto_pause',
    'task_manual_pause', 'task_resume'
);
CREATE TYPE workspace_agent_lifecycle_state AS ENUM (
    'created', 'starting', 'start_timeout', 'start_error', 'ready', 'shutting_down',
    'shutdown_timeout', 'shutdown_error', 'off'
);
CREATE TYPE workspace_agent_subsystem AS ENUM ('envbuilder', 'envbox', 'none', 'exectrace');
CREATE TYPE display_app AS ENUM (
    'vscode', 'vscode_insiders', 'web_terminal', 'ssh_helper', 'port_forwarding_helper'
);
CREATE TYPE agent_key_scope_enum AS ENUM ('all', 'no_user_data');

-- An object of text values.
CREATE DOMAIN tagset AS jsonb;

-- Whether a daemon with the first tags takes a job with the second: it must offer all of them. A
-- job for the organization at large goes only to a daemon that has no other tags.
CREATE FUNCTION provisioner_tagset_contains(provisioner_tags tagset, job_tags tagset)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE job_tags::jsonb
        WHEN '{"scope": "organization", "owner": ""}'::jsonb
        THEN provisioner_tags::jsonb = job_tags::jsonb
        ELSE provisioner_tags::jsonb @> job_tags::jsonb
    END
$$;

-- People and organizations ------------------------------------------------------------------------

CREATE TABLE organizations (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    description text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    is_default boolean NOT NULL DEFAULT false,
    display_name text NOT NULL,
    icon text NOT NULL DEFAULT '',
    deleted boolean NOT NULL DEFAULT false,
    shareable_workspace_owners shareable_workspace_owners NOT NULL DEFAULT 'everyone'
);
CREATE UNIQUE INDEX idx_organization_name_lower ON organizations (lower(name)) WHERE NOT deleted;
CREATE UNIQUE INDEX organizations_single_default_org ON organizations (is_default) WHERE is_default;

-- email is empty exactly for service accounts.
CREATE TABLE users (
    id uuid NOT NULL PRIMARY KEY,
    email text NOT NULL,
    username text NOT NULL DEFAULT '',
    hashed_password bytea NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    status user_status NOT NULL DEFAULT 'dormant',
    rbac_roles text[] NOT NULL DEFAULT '{}',
    login_type login_type NOT NULL DEFAULT 'password',
    avatar_url text NOT NULL DEFAULT '',
    deleted boolean NOT NULL DEFAULT false,
    last_seen_at timestamp NOT NULL DEFAULT '0001-01-01 00:00:00',
    quiet_hours_schedule text NOT NULL DEFAULT '',
    name text NOT NULL DEFAULT '',
    github_com_user_id bigint,
    hashed_one_time_passcode bytea,
    one_time_passcode_expires_at timestamptz,
    is_system boolean NOT NULL DEFAULT false,
    is_service_account boolean NOT NULL DEFAULT false,
    chat_spend_limit_micros bigint,
    CONSTRAINT one_time_passcode_set
        CHECK ((hashed_one_time_passcode IS NULL) = (one_time_passcode_expires_at IS NULL)),
    CONSTRAINT users_chat_spend_limit_micros_check
        CHECK (chat_spend_limit_micros IS NULL OR chat_spend_limit_micros > 0),
    CONSTRAINT users_email_not_empty CHECK (is_service_account = (email = '')),
    CONSTRAINT users_service_account_login_type
        CHECK (NOT is_service_account OR login_type = 'none'),
    CONSTRAINT users_username_min_length CHECK (length(username) >= 1)
);
CREATE UNIQUE INDEX idx_users_email ON users (email) WHERE NOT deleted AND email <> '';
CREATE UNIQUE INDEX idx_users_username ON users (username) WHERE NOT deleted;
CREATE UNIQUE INDEX users_email_lower_idx ON users (lower(email)) WHERE NOT deleted AND email <> '';
CREATE UNIQUE INDEX users_username_lower_idx ON users (lower(username)) WHERE NOT deleted;

CREATE TABLE organization_members (
    user_id uuid NOT NULL
        CONSTRAINT organization_members_user_id_uuid_fkey REFERENCES users (id) ON DELETE CASCADE,
    organization_id uuid NOT NULL
        CONSTRAINT organization_members_organization_id_uuid_fkey
        REFERENCES organizations (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    roles text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX idx_organization_member_organization_id_uuid ON organization_members (organization_id);
CREATE INDEX idx_organization_member_user_id_uuid ON organization_members (user_id);

-- The group of everybody in an organization has the organization's id.
CREATE TABLE groups (
    id uuid NOT NULL PRIMARY KEY,
    name text NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    avatar_url text NOT NULL DEFAULT '',
    quota_allowance integer NOT NULL DEFAULT 0,
    display_name text NOT NULL DEFAULT '',
    source group_source NOT NULL DEFAULT 'user',
    chat_spend_limit_micros bigint,
    UNIQUE (name, organization_id),
    CONSTRAINT groups_chat_spend_limit_micros_check
        CHECK (chat_spend_limit_micros IS NULL OR chat_spend_limit_micros > 0)
);

CREATE TABLE group_members (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    group_id uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    UNIQUE (user_id, group_id)
);

-- Templates, their versions and the presets of those ----------------------------------------------

-- active_version_id has no foreign key: template and first version name each other.
CREATE TABLE templates (
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    deleted boolean NOT NULL DEFAULT false,
    name varchar(64) NOT NULL,
    provisioner provisioner_type NOT NULL,
    active_version_id uuid NOT NULL,
    description varchar(128) NOT NULL DEFAULT '',
    default_ttl bigint NOT NULL DEFAULT 604800000000000, -- nanoseconds
    created_by uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    icon varchar(256) NOT NULL DEFAULT '',
    user_acl jsonb NOT NULL DEFAULT '{}',
    group_acl jsonb NOT NULL DEFAULT '{}',
    display_name varchar(64) NOT NULL DEFAULT '',
    allow_user_cancel_workspace_jobs boolean NOT NULL DEFAULT true,
    allow_user_autostart boolean NOT NULL DEFAULT true,
    allow_user_autostop boolean NOT NULL DEFAULT true,
    failure_ttl bigint NOT NULL DEFAULT 0,
    time_til_dormant bigint NOT NULL DEFAULT 0,
    time_til_dormant_autodelete bigint NOT NULL DEFAULT 0,
    autostop_requirement_days_of_week smallint NOT NULL DEFAULT 0,
    autostop_requirement_weeks bigint NOT NULL DEFAULT 0,
    autostart_block_days_of_week smallint NOT NULL DEFAULT 0,
    require_active_version boolean NOT NULL DEFAULT false,
    deprecated text NOT NULL DEFAULT '', -- the message; deprecated when not empty
    activity_bump bigint NOT NULL DEFAULT 3600000000000,
    max_port_sharing_level app_sharing_level NOT NULL DEFAULT 'owner',
    use_classic_parameter_flow boolean NOT NULL DEFAULT false,
    cors_behavior cors_behavior NOT NULL DEFAULT 'simple',
    disable_module_cache boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX templates_organization_id_name_idx
    ON templates (organization_id, lower(name)) WHERE NOT deleted;

-- job_id names the import job and has no foreign key. template_id is null until the version is
-- attached to a template.
CREATE TABLE template_versions (
    id uuid NOT NULL PRIMARY KEY,
    template_id uuid REFERENCES templates (id) ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    name varchar(64) NOT NULL,
    readme varchar(1048576) NOT NULL,
    job_id uuid NOT NULL,
    created_by uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    external_auth_providers jsonb NOT NULL DEFAULT '[]',
    message varchar(1048576) NOT NULL DEFAULT '',
    archived boolean NOT NULL DEFAULT false,
    source_example_id text,
    has_ai_task boolean,
    has_external_agent boolean,
    UNIQUE (template_id, name)
);
CREATE INDEX idx_template_versions_has_ai_task ON template_versions (has_ai_task);

CREATE TABLE template_version_parameters (
    template_version_id uuid NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL,
    type text NOT NULL,
    mutable boolean NOT NULL,
    default_value text NOT NULL,
    icon text NOT NULL,
    options jsonb NOT NULL DEFAULT '[]',
    validation_regex text NOT NULL,
    validation_min integer,
    validation_max integer,
    validation_error text NOT NULL DEFAULT '',
    validation_monotonic text NOT NULL DEFAULT '',
    required boolean NOT NULL DEFAULT true,
    display_name text NOT NULL DEFAULT '',
    display_order integer NOT NULL DEFAULT 0,
    ephemeral boolean NOT NULL DEFAULT false,
    form_type parameter_form_type NOT NULL DEFAULT '',
    UNIQUE (template_version_id, name),
    CONSTRAINT validation_monotonic_order
        CHECK (validation_monotonic IN ('increasing', 'decreasing', ''))
);

CREATE TABLE template_version_workspace_tags (
    template_version_id uuid NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    key text NOT NULL,
    value text NOT NULL,
    UNIQUE (template_version_id, key)
);

-- A preset with desired_instances has a pool. invalidate_after_secs is the age at which a prebuilt
-- workspace expires; null, 0 and below mean never.
CREATE TABLE template_version_presets (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    template_version_id uuid NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
    desired_instances integer,
    invalidate_after_secs integer DEFAULT 0,
    prebuild_status prebuild_status NOT NULL DEFAULT 'healthy',
    scheduling_timezone text NOT NULL DEFAULT '',
    is_default boolean NOT NULL DEFAULT false,
    description varchar(128) NOT NULL DEFAULT '',
    icon varchar(256) NOT NULL DEFAULT '',
    last_invalidated_at timestamptz
);
CREATE UNIQUE INDEX idx_template_version_presets_default
    ON template_version_presets (template_version_id) WHERE is_default;
CREATE UNIQUE INDEX idx_unique_preset_name ON template_version_presets (name, template_version_id);

CREATE TABLE template_version_preset_parameters (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    template_version_preset_id uuid NOT NULL
        REFERENCES template_version_presets (id) ON DELETE CASCADE,
    name text NOT NULL,
    value text NOT NULL
);

-- cron_expression is read as a range of times: five fields, the minute always *.
CREATE TABLE template_version_preset_prebuild_schedules (
    id uuid NOT NULL DEFAULT gen_random_uuid() PRIMARY KEY,
    preset_id uuid NOT NULL REFERENCES template_version_presets (id) ON DELETE CASCADE,
    cron_expression text NOT NULL,
    desired_instances integer NOT NULL
);

-- Provisioner jobs, and the daemons that work on them ---------------------------------------------

-- job_status follows from the times and the error: a text in error wins over everything, an empty
-- one counts as none.
CREATE TABLE provisioner_jobs (
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    started_at timestamptz,
    canceled_at timestamptz,
    completed_at timestamptz,
    error text,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    initiator_id uuid NOT NULL,
    provisioner provisioner_type NOT NULL,
    storage_method provisioner_storage_method NOT NULL,
    type provisioner_job_type NOT NULL,
    input jsonb NOT NULL,
    worker_id uuid,
    file_id uuid NOT NULL,
    tags jsonb NOT NULL DEFAULT '{"scope": "organization"}',
    error_code text,
    trace_metadata jsonb,
    job_status provisioner_job_status NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN error <> '' THEN 'failed'::provisioner_job_status
            WHEN completed_at IS NOT NULL AND canceled_at IS NOT NULL
            THEN 'canceled'::provisioner_job_status
            WHEN completed_at IS NOT NULL THEN 'succeeded'::provisioner_job_status
            WHEN canceled_at IS NOT NULL THEN 'canceling'::provisioner_job_status
            WHEN started_at IS NULL THEN 'pending'::provisioner_job_status
            ELSE 'running'::provisioner_job_status
        END
    ) STORED,
    logs_length integer NOT NULL DEFAULT 0,
    logs_overflowed boolean NOT NULL DEFAULT false,
    CONSTRAINT max_provisioner_logs_length CHECK (logs_length <= 1048576)
);
CREATE INDEX idx_provisioner_jobs_status ON provisioner_jobs (job_status);
CREATE INDEX provisioner_jobs_started_at_idx
    ON provisioner_jobs (started_at) WHERE started_at IS NULL;
CREATE INDEX provisioner_jobs_worker_id_organization_id_completed_at_idx
    ON provisioner_jobs (worker_id, organization_id, completed_at DESC);

CREATE TABLE provisioner_job_logs (
    job_id uuid NOT NULL REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    source log_source NOT NULL,
    level log_level NOT NULL,
    stage varchar(128) NOT NULL,
    output varchar(1024) NOT NULL,
    id bigserial NOT NULL PRIMARY KEY
);
CREATE INDEX provisioner_job_logs_id_job_id_idx ON provisioner_job_logs (job_id, id);
-- Our own: claims that replaced resources are looked for among the lines of all jobs.
CREATE INDEX provisioner_job_logs_replacement_idx
    ON provisioner_job_logs (created_at) WHERE stage = 'Resource replacement';

CREATE TABLE provisioner_keys (
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name varchar(64) NOT NULL,
    hashed_secret bytea NOT NULL,
    tags jsonb NOT NULL
);
CREATE UNIQUE INDEX provisioner_keys_organization_id_name_idx
    ON provisioner_keys (organization_id, lower(name));

CREATE TABLE provisioner_daemons (
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL,
    name varchar(64) NOT NULL,
    provisioners provisioner_type[] NOT NULL,
    replica_id uuid,
    tags jsonb NOT NULL DEFAULT '{}',
    last_seen_at timestamptz,
    version text NOT NULL DEFAULT '',
    api_version text NOT NULL DEFAULT '1.0',
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    key_id uuid NOT NULL REFERENCES provisioner_keys (id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX idx_provisioner_daemons_org_name_owner_key
    ON provisioner_daemons (organization_id, name, lower(COALESCE(tags ->> 'owner', '')));

-- Workspaces, their builds, and what builds leave behind ------------------------------------------

-- Nothing sets deleted but the writer whose delete build succeeded.
CREATE TABLE workspaces (
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    owner_id uuid NOT NULL REFERENCES users (id) ON DELETE RESTRICT,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE RESTRICT,
    template_id uuid NOT NULL REFERENCES templates (id) ON DELETE RESTRICT,
    deleted boolean NOT NULL DEFAULT false,
    name varchar(64) NOT NULL,
    autostart_schedule text,
    ttl bigint, -- nanoseconds
    last_used_at timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    dormant_at timestamptz,
    deleting_at timestamptz,
    automatic_updates automatic_updates NOT NULL DEFAULT 'never',
    favorite boolean NOT NULL DEFAULT false,
    next_start_at timestamptz,
    group_acl jsonb NOT NULL DEFAULT '{}',
    user_acl jsonb NOT NULL DEFAULT '{}',
    CONSTRAINT group_acl_is_object CHECK (jsonb_typeof(group_acl) = 'object'),
    CONSTRAINT user_acl_is_object CHECK (jsonb_typeof(user_acl) = 'object')
);
CREATE UNIQUE INDEX workspaces_owner_id_lower_idx
    ON workspaces (owner_id, lower(name)) WHERE NOT deleted;
CREATE INDEX workspace_next_start_at_idx ON workspaces (next_start_at) WHERE NOT deleted;
CREATE INDEX workspace_template_id_idx ON workspaces (template_id) WHERE NOT deleted;

-- build_number counts up from 1 in each workspace; the writer picks it. The year 1 in deadline and
-- max_deadline stands for none.
CREATE TABLE workspace_builds (
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    template_version_id uuid NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    build_number integer NOT NULL,
    transition workspace_transition NOT NULL,
    initiator_id uuid NOT NULL,
    provisioner_state bytea,
    job_id uuid NOT NULL UNIQUE REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    deadline timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    reason build_reason NOT NULL DEFAULT 'initiator',
    daily_cost integer NOT NULL DEFAULT 0,
    max_deadline timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    template_version_preset_id uuid REFERENCES template_version_presets (id) ON DELETE SET NULL,
    has_ai_task boolean,
    has_external_agent boolean,
    UNIQUE (workspace_id, build_number),
    CONSTRAINT workspace_builds_deadline_below_max_deadline
        CHECK (
            max_deadline = '0001-01-01 00:00:00+00'
            OR (deadline <> '0001-01-01 00:00:00+00' AND deadline <= max_deadline)
        )
);
CREATE INDEX idx_workspace_builds_initiator_id ON workspace_builds (initiator_id);

CREATE TABLE workspace_build_parameters (
    workspace_build_id uuid NOT NULL REFERENCES workspace_builds (id) ON DELETE CASCADE,
    name text NOT NULL,
    value text NOT NULL,
    UNIQUE (workspace_build_id, name)
);

CREATE TABLE workspace_resources (
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL,
    job_id uuid NOT NULL REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    transition workspace_transition NOT NULL,
    type varchar(192) NOT NULL,
    name varchar(64) NOT NULL,
    hide boolean NOT NULL DEFAULT false,
    icon varchar(256) NOT NULL DEFAULT '',
    instance_type varchar(256),
    daily_cost integer NOT NULL DEFAULT 0,
    module_path text
);
CREATE INDEX workspace_resources_job_id_idx ON workspace_resources (job_id);

-- parent_id is set for sub-agents. Names are unique among the live agents of a build, which no
-- constraint here enforces.
CREATE TABLE workspace_agents (
    id uuid NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    name varchar(64) NOT NULL,
    first_connected_at timestamptz,
    last_connected_at timestamptz,
    disconnected_at timestamptz,
    resource_id uuid NOT NULL REFERENCES workspace_resources (id) ON DELETE CASCADE,
    auth_token uuid NOT NULL,
    auth_instance_id varchar,
    architecture varchar(64) NOT NULL,
    environment_variables jsonb,
    operating_system varchar(64) NOT NULL,
    instance_metadata jsonb,
    resource_metadata jsonb,
    directory varchar(4096) NOT NULL DEFAULT '',
    version text NOT NULL DEFAULT '',
    last_connected_replica_id uuid,
    connection_timeout_seconds integer NOT NULL DEFAULT 0,
    troubleshooting_url text NOT NULL DEFAULT '',
    motd_file text NOT NULL DEFAULT '',
    lifecycle_state workspace_agent_lifecycle_state NOT NULL DEFAULT 'created',
    expanded_directory varchar(4096) NOT NULL DEFAULT '',
    logs_length integer NOT NULL DEFAULT 0,
    logs_overflowed boolean NOT NULL DEFAULT false,
    started_at timestamptz,
    ready_at timestamptz,
    subsystems workspace_agent_subsystem[] DEFAULT '{}',
    display_apps display_app[]
        DEFAULT '{vscode,vscode_insiders,web_terminal,ssh_helper,port_forwarding_helper}',
    api_version text NOT NULL DEFAULT '',
    display_order integer NOT NULL DEFAULT 0,
    parent_id uuid REFERENCES workspace_agents (id) ON DELETE CASCADE,
    api_key_scope agent_key_scope_enum NOT NULL DEFAULT 'all',
    deleted boolean NOT NULL DEFAULT false,
    CONSTRAINT max_logs_length CHECK (logs_length <= 1048576),
    CONSTRAINT subsystems_not_none CHECK (NOT 'none'::workspace_agent_subsystem = ANY (subsystems))
);
CREATE INDEX workspace_agents_auth_instance_id_deleted_idx
    ON workspace_agents (auth_instance_id, deleted);
CREATE INDEX workspace_agents_auth_token_idx ON workspace_agents (auth_token);
CREATE INDEX workspace_agents_resource_id_idx ON workspace_agents (resource_id);

-- Settings ----------------------------------------------------------------------------------------

-- The row prebuilds_settings holds a JSON object, {"reconciliation_paused": true} for instance.
CREATE TABLE site_configs (
    key varchar(256) NOT NULL UNIQUE,
    value text NOT NULL
);

-- The well-known row ------------------------------------------------------------------------------

-- The owner of every prebuilt workspace until somebody claims it. It can't log in.
INSERT INTO users (
    id, email, username, name, hashed_password, created_at, updated_at,
    status, login_type, is_system
) VALUES (
    'c42fdf75-3097-471c-8c33-fb52454d81c0', 'prebuilds@system', 'prebuilds', 'Prebuilds Owner',
    'none', '2025-01-01 00:00:00Z', '2025-01-01 00:00:00Z',
    'active', 'none', true
);

//! What the database's role must be allowed to do.
//!
//! Looked up before a pass takes the lock, so that the error names every right that is missing, and no
//! pass fails in the middle. Rights to write on single columns don't count. Of `users` and
//! `external_auth_links`, which have secrets, only some columns are read, and the right to each is looked
//! up. SQLite has no roles. What the role may do is looked up with the schema.

pub(in crate::store) type Rights = &'static [(&'static str, &'static [&'static str])];

/// What passes, clean-ups and claims need. docs/coder.md lists the statements that grant them, and
/// tables that the database doesn't have need none.
pub(in crate::store) const WRITING: Rights = &[
    ("group_members", &["INSERT", "SELECT"]),
    ("groups", &["INSERT", "SELECT"]),
    ("organization_members", &["INSERT", "SELECT"]),
    ("organizations", &["SELECT"]),
    ("parameter_schemas", &["SELECT"]),
    ("provisioner_daemons", &["SELECT"]),
    (
        "provisioner_jobs",
        &["DELETE", "INSERT", "SELECT", "UPDATE"],
    ),
    ("schema_migrations", &["SELECT"]),
    ("site_configs", &["SELECT"]),
    ("template_version_parameters", &["SELECT"]),
    ("template_version_preset_parameters", &["SELECT"]),
    ("template_version_preset_prebuild_schedules", &["SELECT"]),
    ("template_version_presets", &["SELECT", "UPDATE"]),
    ("template_version_variables", &["SELECT"]),
    ("template_version_workspace_tags", &["SELECT"]),
    ("template_versions", &["SELECT"]),
    ("templates", &["SELECT"]),
    (
        "users",
        &[
            "SELECT (deleted)",
            "SELECT (id)",
            "SELECT (status)",
            "SELECT (username)",
        ],
    ),
    ("workspace_agents", &["SELECT", "UPDATE"]),
    ("workspace_build_parameters", &["INSERT", "SELECT"]),
    ("workspace_builds", &["INSERT", "SELECT"]),
    ("workspace_resources", &["SELECT"]),
    ("workspaces", &["INSERT", "SELECT", "UPDATE"]),
];

/// What rendering templates with dynamic parameters needs besides.
pub(in crate::store) const RENDERING: Rights = &[
    ("files", &["SELECT"]),
    ("gitsshkeys", &["SELECT"]),
    ("template_version_terraform_values", &["SELECT"]),
    (
        "users",
        &[
            "SELECT (email)",
            "SELECT (login_type)",
            "SELECT (name)",
            "SELECT (rbac_roles)",
        ],
    ),
];

/// What claims need besides where a template requires logins at external authentications.
pub(in crate::store) const LOGINS: Rights = &[(
    "external_auth_links",
    &[
        "SELECT (oauth_refresh_failure_reason)",
        "SELECT (provider_id)",
        "SELECT (user_id)",
    ],
)];

/// What it takes to see which claims replaced resources, on Coder's databases.
pub(in crate::store) const REPLACEMENTS: Rights = &[("notification_messages", &["SELECT"])];

/// What pausing and resuming need.
pub(in crate::store) const PAUSING: Rights = &[("site_configs", &["INSERT", "SELECT", "UPDATE"])];

/// What marking presets as invalidated, or as healthy again, needs.
pub(in crate::store) const MARKING: Rights = &[("template_version_presets", &["SELECT", "UPDATE"])];

/// The tables that rights are needed to.
pub(super) fn tables() -> Vec<&'static str> {
    let all = [WRITING, RENDERING, LOGINS, REPLACEMENTS, PAUSING, MARKING];
    all.concat().into_iter().map(|(table, _)| table).collect()
}

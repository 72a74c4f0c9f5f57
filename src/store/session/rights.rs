//! What the database's role must be allowed to do.
//!
//! Looked up before a pass takes the lock, so that the error names every right that is missing, and no
//! pass fails in the middle. Rights to write on single columns don't count. Of `users` and
//! `external_auth_links`, which have secrets, only some columns are read, and the right to each is looked
//! up. SQLite has no roles.

use crate::store::StoreError;
use crate::store::session::arguments::{args, json_rows};
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;

type Rights = &'static [(&'static str, &'static [&'static str])];

/// What passes, clean-ups and claims need. docs/coder.md lists the statements that grant them, and
/// tables that the database doesn't have need none.
pub(in crate::store) const WRITING: Rights = &[
    ("group_members", &["SELECT", "INSERT"]),
    ("groups", &["SELECT", "INSERT"]),
    ("organization_members", &["SELECT", "INSERT"]),
    ("organizations", &["SELECT"]),
    ("parameter_schemas", &["SELECT"]),
    ("provisioner_daemons", &["SELECT"]),
    (
        "provisioner_jobs",
        &["SELECT", "INSERT", "UPDATE", "DELETE"],
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
    ("workspace_build_parameters", &["SELECT", "INSERT"]),
    ("workspace_builds", &["SELECT", "INSERT"]),
    ("workspace_resources", &["SELECT"]),
    ("workspaces", &["SELECT", "INSERT", "UPDATE"]),
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
pub(in crate::store) const PAUSING: Rights = &[("site_configs", &["SELECT", "INSERT", "UPDATE"])];

/// What marking presets as invalidated, or as healthy again, needs.
pub(in crate::store) const MARKING: Rights = &[("template_version_presets", &["SELECT", "UPDATE"])];

statements! {
    /// On PostgreSQL only.
    MISSING: "looking up the role's rights", "rights/read_missing";
}

/// The rights that the session's role lacks, such as `INSERT on workspaces`.
pub(in crate::store) async fn missing(
    connection: &mut Connection,
    rights: Rights,
) -> Result<Vec<String>, StoreError> {
    if let Connection::Sqlite(_) = connection {
        return Ok(Vec::new());
    }
    let wanted: Vec<[&str; 2]> = rights
        .iter()
        .flat_map(|(table, rights)| rights.iter().map(|right| [*table, *right]))
        .collect();
    connection.fetch(&MISSING, args![json_rows(&wanted)]).await
}

/// Refuses a role that lacks any of these rights.
pub(in crate::store) async fn check(
    connection: &mut Connection,
    rights: Rights,
) -> Result<(), StoreError> {
    let missing = missing(connection, rights).await?;
    if missing.is_empty() {
        return Ok(());
    }
    Err(StoreError::Refused {
        problem: format!("the database role lacks {}", missing.join(", ")),
        hint: "grant the role the rights that docs/coder.md lists; snapshot and plan still work",
    })
}

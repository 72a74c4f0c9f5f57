//! What the database's role must be allowed to do.
//!
//! Looked up before a pass takes the lock, so that a role that lacks a right is told which one,
//! rather than failing in the middle. SQLite has no roles.

use crate::store::StoreError;
use crate::store::connection::{Connection, Statement, fetch};

/// Rights that writing needs beyond reading, by table. The README lists the statements that grant
/// them.
const RIGHTS: &[(&str, &[&str])] = &[
    ("workspaces", &["INSERT", "UPDATE"]),
    ("workspace_builds", &["INSERT"]),
    ("workspace_build_parameters", &["INSERT"]),
    ("workspace_agents", &["UPDATE"]),
    ("provisioner_jobs", &["INSERT", "UPDATE", "DELETE"]),
    ("template_version_presets", &["UPDATE"]),
];

const MISSING: Statement = Statement {
    doing: "looking up the role's rights",
    postgres: include_str!("sql/missing_rights.postgres.sql"),
    sqlite: "SELECT NULL WHERE $1 IS NULL",
};

/// The rights that the session's role lacks, such as `INSERT on workspaces`.
pub(super) async fn missing(connection: &mut Connection) -> Result<Vec<String>, StoreError> {
    if let Connection::Sqlite(_) = connection {
        return Ok(Vec::new());
    }
    let wanted: Vec<[&str; 2]> = RIGHTS
        .iter()
        .flat_map(|(table, rights)| rights.iter().map(|right| [*table, *right]))
        .collect();
    let wanted = crate::store::values::json_rows(&wanted);
    let rows: Vec<(String,)> = fetch!(connection, (String,), MISSING, wanted)?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Refuses to write without every right that a pass may need.
pub(super) async fn check(connection: &mut Connection) -> Result<(), StoreError> {
    refuse(&missing(connection).await?)
}

/// Refuses to write to a table without the rights on it that a pass may need.
pub(super) async fn check_table(
    connection: &mut Connection,
    table: &str,
) -> Result<(), StoreError> {
    let mut missing = missing(connection).await?;
    missing.retain(|right| right.ends_with(&format!(" on {table}")));
    refuse(&missing)
}

fn refuse(missing: &[String]) -> Result<(), StoreError> {
    if missing.is_empty() {
        return Ok(());
    }
    Err(StoreError::Refused {
        problem: format!("the database role lacks {}", missing.join(", ")),
        hint: "grant the role the rights that the README lists; snapshot and plan still work",
    })
}

//! Making the schema of a database of our own, and bringing it up to date.
//!
//! All in one transaction, under a lock: of several processes one does it, and the others find it done.
//! The list of what was applied is the one that `sqlx` keeps.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType};

use crate::store::StoreError;
use crate::store::session::arguments::args;
use crate::store::session::connection::Connection;
use crate::store::session::schema::{Kind, MIGRATIONS, Schema, check_version};
use crate::store::session::statement::statements;

/// What errors say was being done.
const DOING: &str = "creating the schema";

/// No pass runs meanwhile either.
const LOCK: &str = "SELECT pg_advisory_xact_lock(7)";

statements! {
    CREATE_LIST: "creating the schema", sql "CREATE TABLE IF NOT EXISTS _sqlx_migrations (
        version bigint PRIMARY KEY,
        description text NOT NULL,
        installed_on {either timestamptz | timestamp} NOT NULL DEFAULT CURRENT_TIMESTAMP,
        success boolean NOT NULL,
        checksum {either bytea | blob} NOT NULL,
        execution_time bigint NOT NULL)";
    LIST: "reading the schema's version", sql "SELECT version FROM _sqlx_migrations";
    APPEND: "creating the schema", sql "INSERT INTO _sqlx_migrations
        (version, description, success, checksum, execution_time) VALUES ($1, $2, true, $3, -1)";
}

/// Creates the schema, or brings it up to date. Returns whether anything was done.
pub(in crate::store) async fn migrate(connection: &mut Connection) -> Result<bool, StoreError> {
    let before = Schema::read(connection).await?.kind();
    if before == Kind::Own && check_version(connection).await.is_ok() {
        return Ok(false);
    }
    if let Connection::Sqlite(_) = connection {
        // It stays with the file, which is known to be nobody else's by now.
        connection
            .run_raw(DOING, "PRAGMA journal_mode = WAL")
            .await?;
    }
    connection.begin_write().await?;
    if let Connection::Postgres(_) = connection {
        connection.run_raw(DOING, LOCK).await?;
    }
    connection.execute(&CREATE_LIST, &[]).await?;
    let applied: Vec<i64> = connection.fetch(&LIST, &[]).await?;
    let is_known = |version: &i64| MIGRATIONS.iter().any(|(known, ..)| known == version);
    if let Some(version) = applied.iter().find(|version| !is_known(version)) {
        return Err(StoreError::Refused {
            problem: format!("the database's schema is version {version}, unknown to this one"),
            hint: "update prebuildctl: a newer one has changed this database",
        });
    }
    for (version, name, postgres, sqlite) in MIGRATIONS {
        if applied.contains(version) {
            continue;
        }
        let text = match connection {
            Connection::Postgres(_) => *postgres,
            Connection::Sqlite(_) => *sqlite,
        };
        connection.run_raw(DOING, text).await?;
        let (kind, sql) = (MigrationType::Simple, text.into_sql_str());
        let migration = Migration::new(*version, (*name).into(), kind, sql, false);
        let arguments = args![*version, *name, &*migration.checksum];
        connection.execute(&APPEND, arguments).await?;
    }
    connection.commit().await?;
    Ok(true)
}

//! What the integration tests share: databases to work on, data to fill them with, an independent
//! account of what is in them, and a way to run the binary.
//!
//! Databases are ready in some ten milliseconds: PostgreSQL ones are copied from a template that is
//! made once per process. Nothing here may use the code under test, apart from the migrations.

pub mod cluster;
pub mod copy;
pub mod database;
pub mod process;
pub mod reference;
pub mod world;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use database::Database;
use process::TestDir;

const POOLS_POSTGRES: &str = include_str!("../../../src/store/migrations/postgres/0001_pools.sql");
const POOLS_SQLITE: &str = include_str!("../../../src/store/migrations/sqlite/0001_pools.sql");

/// Which release a stand-in Coder database imitates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coder {
    /// The one that prebuildctl knows best.
    Current,
    /// One that lacks columns and enum labels that came late.
    Older,
    /// One with a column that nobody but its own coderd can fill.
    Newer,
}

/// A stand-in Coder database with the rows that every deployment has; none without PostgreSQL.
pub fn coder(release: Coder) -> Option<Database> {
    match release {
        Coder::Current => {
            from_template("current", include_str!("../../fixtures/coder/current.sql"))
        }
        Coder::Older => from_template("older", include_str!("../../fixtures/coder/older.sql")),
        Coder::Newer => from_template("newer", include_str!("../../fixtures/coder/newer.sql")),
    }
}

/// A database of our own on PostgreSQL, fresh; none without PostgreSQL.
pub fn postgres() -> Option<Database> {
    from_template("pools", POOLS_POSTGRES)
}

/// A database of our own on SQLite, fresh.
pub fn sqlite() -> Database {
    let database = Database::sqlite(TestDir::new());
    database.execute(POOLS_SQLITE);
    database
}

/// Runs the test body on a fresh database of our own on SQLite, and on one on PostgreSQL.
pub fn both(body: impl Fn(&Database)) {
    eprintln!("--- on SQLite");
    body(&sqlite());
    if let Some(database) = postgres() {
        eprintln!("--- on PostgreSQL");
        body(&database);
    }
}

/// A new database that holds what the script makes.
fn from_template(name: &'static str, script: &str) -> Option<Database> {
    static TEMPLATES: Mutex<Option<HashMap<&'static str, Database>>> = Mutex::new(None);

    let cluster = cluster::postgres()?;
    if !cluster.is_private() {
        // A template would outlive this process there: statics are not dropped.
        let database = cluster.create_database(name);
        database.execute(script);
        return Some(database);
    }
    let mut templates = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
    let template = templates
        .get_or_insert_default()
        .entry(name)
        .or_insert_with(|| {
            let template = cluster.create_database("template");
            template.execute(script);
            template
        });
    Some(cluster.create_from(template))
}

//! What kind of database this is, and whether it is safe to write to.
//!
//! There are four kinds, known by their tables: Coder's (it has golang-migrate's schema_migrations
//! and site_configs), our own (made by `init`), an empty one, and anything else. Reading tolerates what it can;
//! writing demands that every column it must fill is known. Looks only at catalogs, never at rows
//! other than our own list of migrations. Columns are those of the tables that [`rights`] name, which are all
//! that is read or written on Coder's databases.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::store::session::arguments::{args, json_rows};
use crate::store::session::connection::Connection;
use crate::store::session::rights::{self, Rights};
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{StoreError, Target};

/// A version of the schema: its number, what it brings, and its text for either database.
macro_rules! migration {
    ($version:expr, $name:literal, $file:literal) => {
        (
            $version,
            $name,
            include_str!(concat!("../migrations/postgres/", $file, ".sql")),
            include_str!(concat!("../migrations/sqlite/", $file, ".sql")),
        )
    };
}

/// The version since which requests that find nothing to claim are recorded.
pub(in crate::store) const MISSES: i64 = 7;

/// The schema of our own databases, oldest version first.
pub(super) const MIGRATIONS: &[(i64, &str, &str, &str)] = &[
    migration!(1, "pools", "0001_pools"),
    migration!(2, "completed jobs", "0002_completed_jobs"),
    migration!(3, "job queue", "0003_job_queue"),
    migration!(4, "unclaimed workspaces", "0004_unclaimed_workspaces"),
    migration!(5, "checks of nulls", "0005_checks_of_nulls"),
    migration!(6, "history", "0006_history"),
    migration!(MISSES, "misses", "0007_misses"),
];

/// Oldest supported server: it has generated columns and materialized WITH.
const OLDEST_POSTGRES: u32 = 13;

/// Where the list of applied migrations stands.
const MIGRATIONS_TABLE: &str = "_sqlx_migrations";

/// The columns that passes and claims write in the tables that passes insert into, with their types
/// on PostgreSQL. A NOT NULL column beyond these that has no default can't be written by this
/// version.
const WRITTEN_COLUMNS: &[(&str, &[(&str, &str)])] = &[
    (
        "workspaces",
        &[
            ("id", "uuid"),
            ("created_at", "timestamp with time zone"),
            ("updated_at", "timestamp with time zone"),
            ("owner_id", "uuid"),
            ("organization_id", "uuid"),
            ("template_id", "uuid"),
            ("deleted", "boolean"),
            ("name", "character varying(64)"),
            ("autostart_schedule", "text"),
            ("ttl", "bigint"),
            ("last_used_at", "timestamp with time zone"),
            ("dormant_at", "timestamp with time zone"),
            ("deleting_at", "timestamp with time zone"),
            ("automatic_updates", "automatic_updates"),
            ("next_start_at", "timestamp with time zone"),
        ],
    ),
    (
        "workspace_builds",
        &[
            ("id", "uuid"),
            ("created_at", "timestamp with time zone"),
            ("updated_at", "timestamp with time zone"),
            ("workspace_id", "uuid"),
            ("template_version_id", "uuid"),
            ("build_number", "integer"),
            ("transition", "workspace_transition"),
            ("initiator_id", "uuid"),
            ("job_id", "uuid"),
            ("provisioner_state", "bytea"),
            ("reason", "build_reason"),
            ("template_version_preset_id", "uuid"),
        ],
    ),
    (
        "workspace_build_parameters",
        &[
            ("workspace_build_id", "uuid"),
            ("name", "text"),
            ("value", "text"),
        ],
    ),
    (
        "provisioner_jobs",
        &[
            ("id", "uuid"),
            ("created_at", "timestamp with time zone"),
            ("updated_at", "timestamp with time zone"),
            ("started_at", "timestamp with time zone"),
            ("canceled_at", "timestamp with time zone"),
            ("completed_at", "timestamp with time zone"),
            ("organization_id", "uuid"),
            ("initiator_id", "uuid"),
            ("provisioner", "provisioner_type"),
            ("storage_method", "provisioner_storage_method"),
            ("type", "provisioner_job_type"),
            ("input", "jsonb"),
            ("file_id", "uuid"),
            ("tags", "jsonb"),
            ("trace_metadata", "jsonb"),
        ],
    ),
    (
        "organization_members",
        &[
            ("organization_id", "uuid"),
            ("user_id", "uuid"),
            ("created_at", "timestamp with time zone"),
            ("updated_at", "timestamp with time zone"),
        ],
    ),
    (
        "groups",
        &[
            ("id", "uuid"),
            ("name", "text"),
            ("display_name", "text"),
            ("organization_id", "uuid"),
            ("avatar_url", "text"),
            ("quota_allowance", "integer"),
        ],
    ),
    (
        "group_members",
        &[("user_id", "uuid"), ("group_id", "uuid")],
    ),
];

/// Tables that a snapshot can't do without.
const READ_TABLES: &[&str] = &[
    "organizations",
    "templates",
    "template_versions",
    "template_version_presets",
    "template_version_preset_prebuild_schedules",
    "workspaces",
    "workspace_builds",
    "workspace_resources",
    "workspace_agents",
    "provisioner_jobs",
    "site_configs",
];

/// The tables and columns of the database and what the role may do with them, looked up once per session.
#[derive(Debug, Default)]
pub(in crate::store) struct Schema {
    tables: BTreeMap<String, SchemaTable>,
    /// Coder's last migration; none until it is read, and on other databases.
    migration: Option<i64>,
}

#[derive(Debug)]
struct SchemaTable {
    /// Whether the role may write rows.
    can_insert: bool,
    can_update: bool,
    can_delete: bool,
    columns: BTreeMap<String, SchemaColumn>,
}

#[derive(Debug)]
struct SchemaColumn {
    type_name: String,
    /// NOT NULL, without a default, and not computed by the database.
    must_be_given: bool,
    /// Whether the role may read it.
    can_select: bool,
}

rows! {
    SchemaTable { can_insert, can_update, can_delete; columns }
    SchemaColumn { type_name, must_be_given, can_select }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::store) enum Kind {
    /// Managed by Coder.
    Coder,
    /// Made by `init`.
    Own,
    /// No tables at all.
    Empty,
    /// Tables of something else.
    Foreign,
}

statements! {
    COLUMNS: "looking up the schema", twins "schema/read_columns";
    MIGRATION: "reading the number of Coder's last migration",
        sql "SELECT version FROM schema_migrations";
    APPLIED: "reading the schema's version",
        sql "SELECT max(version) FROM _sqlx_migrations WHERE success";
}

impl Schema {
    pub(in crate::store) async fn read(connection: &mut Connection) -> Result<Self, StoreError> {
        if let Connection::Postgres(session) = connection
            && let Some(version) = session.server_version()
            && version < OLDEST_POSTGRES
        {
            return Err(StoreError::Refused {
                problem: format!("the server is PostgreSQL {version}"),
                hint: "PostgreSQL 13 or later is needed",
            });
        }
        let mut schema = Self::default();
        let arguments = args![json_rows(&rights::tables())];
        type Column = (String, SchemaColumn);
        let rows: Vec<(String, SchemaTable, Option<Column>)> =
            connection.fetch(&COLUMNS, arguments).await?;
        for (name, table, column) in rows {
            let table = schema.tables.entry(name).or_insert(table);
            table.columns.extend(column);
        }
        Ok(schema)
    }

    /// Reads which of Coder's migrations was the last, for what differs in its releases and shows in no
    /// column.
    pub(in crate::store) async fn read_migration(
        &mut self,
        connection: &mut Connection,
    ) -> Result<(), StoreError> {
        if self.kind() == Kind::Coder {
            self.migration = connection.fetch_first(&MIGRATION, &[]).await?;
        }
        Ok(())
    }

    /// Whether the database is that of a coderd from before this migration.
    pub(in crate::store) fn is_before(&self, migration: i64) -> bool {
        self.migration.is_some_and(|last| last < migration)
    }

    /// What kind of database it is.
    pub(in crate::store) fn kind(&self) -> Kind {
        let has = |table: &str| self.tables.contains_key(table);
        if has("schema_migrations") && has("site_configs") {
            Kind::Coder
        } else if has(MIGRATIONS_TABLE) && self.has_all_read_tables() {
            Kind::Own
        } else if self.tables.keys().all(|table| table == MIGRATIONS_TABLE) {
            Kind::Empty
        } else {
            Kind::Foreign
        }
    }

    fn has_all_read_tables(&self) -> bool {
        let mut tables = READ_TABLES.iter();
        tables.all(|table| self.tables.contains_key(*table))
    }

    /// Whether a column exists; newer releases of Coder have some that older ones lack.
    pub(in crate::store) fn has_column(&self, table: &str, column: &str) -> bool {
        self.tables
            .get(table)
            .is_some_and(|table| table.columns.contains_key(column))
    }

    /// The rights that the session's role lacks, such as `INSERT on workspaces`.
    pub(in crate::store) fn missing_rights(&self, rights: Rights) -> Vec<String> {
        let wanted = rights
            .iter()
            .flat_map(|(table, rights)| rights.iter().map(move |right| (right, table)));
        wanted
            .filter(|(right, table)| self.lacks(right, table))
            .map(|(right, table)| format!("{right} on {table}"))
            .collect()
    }

    /// Refuses a role that lacks any of these rights.
    pub(in crate::store) fn check_rights(&self, rights: Rights) -> Result<(), StoreError> {
        let missing = self.missing_rights(rights);
        if missing.is_empty() {
            return Ok(());
        }
        Err(StoreError::Refused {
            problem: format!("the database role lacks {}", missing.join(", ")),
            hint: "grant the role the rights that docs/coder.md lists; snapshot and plan still work",
        })
    }

    /// Whether the role lacks a right, such as `INSERT` or `SELECT (name)`, to a table. Of a table or a column
    /// that the database doesn't have nothing is lacking. To read some column of a table will do, because no
    /// table is read whole.
    fn lacks(&self, right: &str, table: &str) -> bool {
        let Some(table) = self.tables.get(table) else {
            return false;
        };
        let has = match right {
            "INSERT" => table.can_insert,
            "UPDATE" => table.can_update,
            "DELETE" => table.can_delete,
            _ => match right.split_once(" (") {
                None => table.columns.values().any(|column| column.can_select),
                Some((_, column)) => {
                    let column = table.columns.get(column.trim_end_matches(')'));
                    column.is_none_or(|column| column.can_select)
                }
            },
        };
        !has
    }

    /// Whether a snapshot can be read at all.
    pub(in crate::store) fn check_readable(&self, target: &Target) -> Result<(), StoreError> {
        let found = match self.kind() {
            Kind::Own => return Ok(()),
            Kind::Coder if self.has_all_read_tables() => return Ok(()),
            Kind::Coder if self.has_column("template_version_presets", "desired_instances") => {
                return Err(StoreError::Refused {
                    problem: format!(
                        "{target} is of Coder 2.22 or 2.23, which is too old: its prebuilt workspaces have no \
                         schedules, and what its coderd does with them is not known here"
                    ),
                    hint: "update Coder to 2.24 or later",
                });
            }
            Kind::Coder => "it is Coder's, but older than prebuilt workspaces",
            Kind::Empty => "it is empty",
            Kind::Foreign => "it has other tables",
        };
        Err(StoreError::NotInitialised {
            target: target.to_string(),
            found,
        })
    }

    /// Whether a pass can fill every row that it inserts.
    pub(in crate::store) fn check_writable(&self) -> Result<(), StoreError> {
        let hint = "update prebuildctl; snapshot and plan still work";
        for (table, known) in WRITTEN_COLUMNS {
            let Some(SchemaTable { columns, .. }) = self.tables.get(*table) else {
                let problem = format!("the schema has no table {table}");
                return Err(StoreError::Refused { problem, hint });
            };
            for (name, type_name) in *known {
                let problem = match columns.get(*name) {
                    None => format!("the schema has no column {table}.{name}"),
                    Some(column)
                        if self.kind() == Kind::Coder && column.type_name != *type_name =>
                    {
                        format!(
                            "column {table}.{name} is of type {}, not {type_name}",
                            column.type_name
                        )
                    }
                    Some(_) => continue,
                };
                return Err(StoreError::Refused { problem, hint });
            }
            let unknown = columns.iter().find(|(name, column)| {
                column.must_be_given && !known.iter().any(|(known, _)| known == name)
            });
            if let Some((name, _)) = unknown {
                let problem = format!(
                    "column {table}.{name} must be filled, and this version doesn't know with what"
                );
                return Err(StoreError::Refused { problem, hint });
            }
        }
        Ok(())
    }
}

/// Refuses a database of our own that a later version of this tool has changed, and asks for `init`
/// where it is behind.
pub(in crate::store) async fn check_version(connection: &mut Connection) -> Result<(), StoreError> {
    let known = MIGRATIONS.last().map_or(0, |(version, ..)| *version);
    let applied: Option<Option<i64>> = connection.fetch_first(&APPLIED, &[]).await?;
    let applied = applied.flatten().unwrap_or(0);
    let (verb, hint) = match applied.cmp(&known) {
        Ordering::Equal => return Ok(()),
        Ordering::Less => ("needs", "run prebuildctl init to bring it up to date"),
        Ordering::Greater => (
            "knows",
            "update prebuildctl: a newer one has changed this database",
        ),
    };
    Err(StoreError::Refused {
        problem: format!("the database's schema is version {applied}, and this {verb} {known}"),
        hint,
    })
}

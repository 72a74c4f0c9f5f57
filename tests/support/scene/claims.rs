//! Scenes for claims: people, a template with presets, and prebuilt workspaces in any state, put
//! there by plain SQL that both databases understand.
//!
//! Ids are numbers, so that a test can name rows without asking for them. It must not use the code
//! under test, apart from `init`.

use std::fmt::Write as _;

use super::{PREBUILDS_USER, Workspace, insert_organization};
use crate::support::cluster;
use crate::support::database::Database;
use crate::support::process::{Output, Prebuildctl, TestDir, prebuildctl};
use crate::support::{Coder, coder_releases};

pub const ACME: u64 = 1;
pub const ADA: u64 = 11;
pub const GRACE: u64 = 12;
pub const SID_SUSPENDED: u64 = 13;
pub const GONE: u64 = 14;
pub const DORA_DORMANT: u64 = 15;
/// No member of the organization.
pub const OLAF_OUTSIDE: u64 = 16;
pub const BACKEND: u64 = 21;
pub const ACTIVE: u64 = 31;
pub const OLD: u64 = 32;
/// Presets of the active version: cores=2; region=us and cores=16; nothing and no pool.
pub const SMALL: u64 = 41;
pub const LARGE: u64 = 42;
pub const PLAIN: u64 = 43;
/// A preset of the old version.
pub const OLD_SMALL: u64 = 44;

const EARLY: &str = "2026-03-01T00:00:00.000000Z";

/// The id that a number stands for.
pub fn id(number: u64) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// Databases of every kind with the scene in them.
pub fn everywhere(body: impl Fn(&Database)) {
    eprintln!("--- on SQLite");
    body(&sqlite());
    if let Some(database) = postgres() {
        eprintln!("--- on PostgreSQL");
        body(&database);
    }
    coderd_databases().for_each(|(_, database)| body(&database));
}

/// Coder's databases of every release with the scene in them.
pub fn coderd_databases() -> impl Iterator<Item = (Coder, Database)> {
    coder_releases().inspect(|(_, database)| set(database))
}

pub fn sqlite() -> Database {
    ready(Database::sqlite(TestDir::new()))
}

/// None without PostgreSQL.
pub fn postgres() -> Option<Database> {
    Some(ready(cluster::postgres()?.create_database("claims")))
}

fn ready(database: Database) -> Database {
    prebuildctl(["init"]).on(&database).run().ok();
    set(&database);
    database
}

/// A claim with these arguments.
pub fn claim(database: &Database, arguments: &[&str]) -> Output {
    prepare(arguments).on(database).run()
}

/// A batch of these lines.
pub fn batch(database: &Database, lines: &str) -> Output {
    prepare(&["--batch", "-"]).on(database).stdin(lines).run()
}

fn prepare(arguments: &[&str]) -> Prebuildctl {
    prebuildctl(["claim", "--format", "json"].iter().chain(arguments))
}

/// People and the template.
fn set(database: &Database) {
    let mut session = database.session();
    insert_organization(&mut session, database.is_sqlite(), &id(ACME), "acme", EARLY);
    let mut sql = String::new();
    for (user, name, status, deleted) in [
        (ADA, "ada", "active", false),
        (GRACE, "Grace", "active", false),
        (SID_SUSPENDED, "sid", "suspended", false),
        (GONE, "gone", "active", true),
        (DORA_DORMANT, "dora", "dormant", false),
        (OLAF_OUTSIDE, "olaf", "active", false),
    ] {
        write!(
            sql,
            "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at,
                                status, deleted)
             VALUES ('{}', '{name}@example.com', '{name}', {}, '{EARLY}', '{EARLY}', '{status}',
                     {deleted});",
            id(user),
            bytes(database),
        )
        .unwrap();
        if user != OLAF_OUTSIDE {
            write!(
                sql,
                "INSERT INTO organization_members (user_id, organization_id, created_at, updated_at)
                 VALUES ('{}', '{}', '{EARLY}', '{EARLY}');",
                id(user),
                id(ACME)
            )
            .unwrap();
        }
    }
    template(&mut sql, BACKEND, "backend", &[ACTIVE, OLD]);
    for (preset, version, name, instances, values) in [
        (SMALL, ACTIVE, "small", "2", &[("cores", "2")][..]),
        (
            LARGE,
            ACTIVE,
            "large",
            "1",
            &[("cores", "16"), ("region", "us")],
        ),
        (PLAIN, ACTIVE, "plain", "NULL", &[]),
        (OLD_SMALL, OLD, "small", "2", &[("cores", "2")]),
    ] {
        add_preset(&mut sql, preset, version, name, instances, values);
    }
    session.execute(&sql);
}

/// Adds a preset.
pub fn add_preset(
    sql: &mut String,
    preset: u64,
    version: u64,
    name: &str,
    instances: &str,
    values: &[(&str, &str)],
) {
    write!(
        sql,
        "INSERT INTO template_version_presets (id, template_version_id, name, created_at,
                                               desired_instances)
         VALUES ('{}', '{}', '{name}', '{EARLY}', {instances});",
        id(preset),
        id(version)
    )
    .unwrap();
    for (place, (name, value)) in (1..).zip(values) {
        write!(
            sql,
            "INSERT INTO template_version_preset_parameters
                 (id, template_version_preset_id, name, value)
             VALUES ('{}', '{}', '{name}', '{value}');",
            id(preset * 1000 + place),
            id(preset)
        )
        .unwrap();
    }
}

/// A template whose first version is the active one. Each version has a mutable `cores` from 1 to
/// 32, an immutable `region` and a mutable `note`.
pub fn template(sql: &mut String, template: u64, name: &str, versions: &[u64]) {
    write!(
        sql,
        "INSERT INTO templates (id, created_at, updated_at, organization_id, name, provisioner,
                                active_version_id, created_by, default_ttl,
                                use_classic_parameter_flow)
         VALUES ('{}', '{EARLY}', '{EARLY}', '{}', '{name}', 'terraform', '{}', '{}',
                 3600000000000, true);",
        id(template),
        id(ACME),
        id(versions[0]),
        id(ADA)
    )
    .unwrap();
    for version in versions {
        let import = version + 5000;
        job(
            sql,
            import,
            "template_version_import",
            &id(ADA),
            "succeeded",
            EARLY,
        );
        write!(
            sql,
            "UPDATE provisioner_jobs SET tags = '{{\"cluster\": \"eu\"}}' WHERE id = '{}';
             INSERT INTO template_versions (id, template_id, organization_id, created_at, updated_at,
                                            name, readme, job_id, created_by)
             VALUES ('{}', '{}', '{}', '{EARLY}', '{EARLY}', 'v{version}', '', '{}', '{}');",
            id(import),
            id(*version),
            id(template),
            id(ACME),
            id(import),
            id(ADA)
        )
        .unwrap();
        for (name, kind, mutable, default, max) in [
            ("cores", "number", true, "4", "32"),
            ("region", "string", false, "eu", "NULL"),
            ("note", "string", true, "", "NULL"),
        ] {
            write!(
                sql,
                "INSERT INTO template_version_parameters
                     (template_version_id, name, description, type, mutable, default_value, icon,
                      validation_regex, required, validation_max, validation_error)
                 VALUES ('{}', '{name}', '', '{kind}', {mutable}, '{default}', '', '', false,
                         {max}, 'too much');",
                id(*version)
            )
            .unwrap();
        }
    }
}

/// A prebuilt workspace to be; `number` is its id, and the higher the younger it is.
#[derive(Clone)]
pub struct Prebuilt {
    pub number: u64,
    pub preset: u64,
    pub version: u64,
    pub template: u64,
    pub owner: String,
    pub transition: &'static str,
    pub status: &'static str,
    /// States of the agents.
    pub agents: &'static [&'static str],
    pub deleted: bool,
}

impl Prebuilt {
    /// One that can be claimed.
    pub fn new(number: u64, preset: u64) -> Self {
        Self {
            number,
            preset,
            version: ACTIVE,
            template: BACKEND,
            owner: PREBUILDS_USER.to_owned(),
            transition: "start",
            status: "succeeded",
            agents: &["ready"],
            deleted: false,
        }
    }

    /// Its creation time.
    pub fn created_at(&self) -> String {
        let number = self.number % 86_400;
        let (hours, minutes, seconds) = (number / 3600, number / 60 % 60, number % 60);
        format!("2026-03-02T{hours:02}:{minutes:02}:{seconds:02}.000000Z")
    }

    /// The rows.
    pub fn write(&self, sql: &mut String, database: &Database) {
        let (number, created) = (self.number, self.created_at());
        let name = format!("prebuild-{number}");
        write!(
            sql,
            "INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id,
                                     template_id, deleted, name, last_used_at)
             VALUES ('{}', '{created}', '{created}', '{}', '{}', '{}', {}, '{name}', '{created}');",
            id(number),
            self.owner,
            id(ACME),
            id(self.template),
            self.deleted
        )
        .unwrap();
        let build = Build {
            number: 1,
            version: self.version,
            preset: Some(self.preset),
            transition: self.transition,
            status: self.status,
            initiator: PREBUILDS_USER,
        };
        build.write(sql, database, number, &created);
        for (name, value) in [("cores", "2"), ("region", "eu"), ("note", "made")] {
            write!(
                sql,
                "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
                 VALUES ('{}', '{name}', '{value}');",
                id(number * 1000 + 1)
            )
            .unwrap();
        }
        agents(sql, number, number * 1000 + 100_000_001, self.agents);
    }

    /// The ids that the rows have.
    pub fn rows(&self) -> Workspace {
        let build = self.number * 1000 + 1;
        Workspace {
            id: id(self.number),
            build: id(build),
            job: id(build + 100_000_000),
        }
    }

    /// Adds it to the database.
    pub fn add(&self, database: &Database) {
        let mut sql = String::new();
        self.write(&mut sql, database);
        database.execute(&sql);
    }
}

/// A build to be: its id is that of the workspace times 1000 plus its number, and that of its job
/// 100000000 more.
pub struct Build<'a> {
    pub number: u64,
    pub version: u64,
    pub preset: Option<u64>,
    pub transition: &'a str,
    pub status: &'a str,
    pub initiator: &'a str,
}

impl Build<'_> {
    /// The rows.
    pub fn write(&self, sql: &mut String, database: &Database, workspace: u64, created: &str) {
        let build = workspace * 1000 + self.number;
        job(
            sql,
            build + 100_000_000,
            "workspace_build",
            self.initiator,
            self.status,
            created,
        );
        let preset = self
            .preset
            .map_or("NULL".to_owned(), |preset| format!("'{}'", id(preset)));
        write!(
            sql,
            "INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
                                           template_version_id, build_number, transition,
                                           initiator_id, provisioner_state, job_id,
                                           template_version_preset_id)
             VALUES ('{}', '{created}', '{created}', '{}', '{}', {}, '{}', '{}', {}, '{}', {preset});",
            id(build),
            id(workspace),
            id(self.version),
            self.number,
            self.transition,
            self.initiator,
            bytes(database),
            id(build + 100_000_000),
        )
        .unwrap();
    }
}

/// A resource of the job, with agents in these states.
pub fn agents(sql: &mut String, workspace: u64, job: u64, states: &[&str]) {
    write!(
        sql,
        "INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
         VALUES ('{0}', '{EARLY}', '{0}', 'start', 'docker', 'main');",
        id(job)
    )
    .unwrap();
    for (place, state) in (0..).zip(states) {
        write!(
            sql,
            "INSERT INTO workspace_agents (id, created_at, updated_at, name, resource_id, auth_token,
                                           architecture, operating_system, lifecycle_state)
             VALUES ('{0}', '{EARLY}', '{EARLY}', 'agent{place}', '{1}', '{0}', 'amd64', 'linux',
                     '{state}');",
            id(workspace * 10 + place),
            id(job)
        )
        .unwrap();
    }
}

fn job(sql: &mut String, job: u64, kind: &str, initiator: &str, status: &str, created: &str) {
    let time = |set: bool| {
        if set {
            format!("'{created}'")
        } else {
            "NULL".to_owned()
        }
    };
    let error = if status == "failed" {
        "'broken'"
    } else {
        "NULL"
    };
    write!(
        sql,
        "INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at, canceled_at,
                                       completed_at, error, organization_id, initiator_id,
                                       provisioner, storage_method, type, input, file_id, tags)
         VALUES ('{}', '{created}', '{created}', {}, {}, {}, {error}, '{}', '{initiator}',
                 'terraform', 'file', '{kind}', '{{}}', '{}', '{{}}');",
        id(job),
        time(status != "pending"),
        time(status == "canceled"),
        time(matches!(status, "succeeded" | "failed" | "canceled")),
        id(ACME),
        id(99),
    )
    .unwrap();
}

fn bytes(database: &Database) -> &'static str {
    if database.is_sqlite() {
        "X'7b7d'"
    } else {
        "'\\x7b7d'"
    }
}

//! A random scene: rows that are consistent as far as the schema goes, and as nasty as the
//! definitions of a snapshot's parts allow.
//!
//! The same seed gives the same rows. It fills any PostgreSQL database that has the tables of
//! pools, our own or a stand-in Coder one of any release, and touches no other tables. What it must
//! not do: leave a tie whose outcome no definition settles. Builds of one preset share a creation
//! time only where all of them failed.

mod templates;
mod workspaces;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use fastrand::Rng;
use serde_json::{Value, json};

use super::PREBUILDS_USER;
use crate::support::database::{Database, Session};

/// The instant around which everything is laid out: a Wednesday.
pub const NOW: &str = "2026-03-04T12:00:00Z";
/// The look-back around whose edge failures are laid out.
pub const LOOKBACK_SECS: i64 = 3600;
/// The failure limit around which runs of failures are laid out.
pub const HARD_LIMIT: i64 = 3;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Tables in an order that the foreign keys accept.
const TABLES: &[&str] = &[
    "organizations",
    "users",
    "organization_members",
    "groups",
    "group_members",
    "templates",
    "template_versions",
    "template_version_parameters",
    "template_version_workspace_tags",
    "template_version_presets",
    "template_version_preset_parameters",
    "template_version_preset_prebuild_schedules",
    "provisioner_jobs",
    "provisioner_job_logs",
    "provisioner_keys",
    "provisioner_daemons",
    "workspaces",
    "workspace_builds",
    "workspace_build_parameters",
    "workspace_resources",
    "workspace_agents",
    "site_configs",
];

/// Fills the database; `size` is about the number of prebuilt workspaces.
pub fn fill(database: &Database, seed: u64, size: usize) {
    let mut session = database.session();
    let mut scene = RandomScene {
        rng: Rng::with_seed(seed),
        rows: vec![Vec::new(); TABLES.len()],
        serial: 0,
        people: Vec::new(),
        versions: Vec::new(),
    };
    scene.people();
    for number in 0..3 {
        scene.organization(number, 2 + size / 60);
    }
    scene.prebuilds(size);
    scene.failures();
    scene.others(size / 2);
    scene.settings();
    scene.write(&mut session);
}

struct RandomScene {
    rng: Rng,
    rows: Vec<Vec<Value>>,
    serial: i64,
    people: Vec<String>,
    versions: Vec<Version>,
}

/// A version that belongs to a template, with the ids of its presets.
#[derive(Clone)]
struct Version {
    id: String,
    template: String,
    organization: String,
    presets: Vec<String>,
}

impl RandomScene {
    fn add(&mut self, table: &str, row: Value) {
        let at = TABLES
            .iter()
            .position(|name| *name == table)
            .expect("a table of the list");
        self.rows[at].push(row);
    }

    fn id(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.rng.u128(..).to_be_bytes())
            .into_uuid()
            .to_string()
    }

    fn serial(&mut self) -> i64 {
        self.serial += 1;
        self.serial
    }

    fn one_in(&mut self, number: u32) -> bool {
        self.rng.u32(..number) == 0
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from[self.rng.usize(..from.len())].clone()
    }

    fn person(&mut self) -> String {
        self.people[self.rng.usize(..self.people.len())].clone()
    }

    /// A time in microseconds before now that nothing else has: its part of a second is its own.
    fn moment(&mut self, ages: std::ops::Range<i64>) -> i64 {
        let whole = self.rng.i64(ages) / SECOND * SECOND;
        whole + 10 + self.serial() * 7 % 900_000
    }

    fn settings(&mut self) {
        let values = [
            None,
            Some(""),
            Some("{}"),
            Some(r#"{"reconciliation_paused": false}"#),
        ];
        let mut value = self.pick(&values);
        if self.one_in(5) {
            value = Some(r#"{"reconciliation_paused": true}"#);
        }
        if let Some(value) = value {
            self.add(
                "site_configs",
                json!({ "key": "prebuilds_settings", "value": value }),
            );
        }
    }

    /// Writes all rows, a statement per table. Columns that the database lacks are left out, and
    /// text columns that only it knows are filled.
    fn write(self, session: &mut Session) {
        session.execute("BEGIN");
        for (table, rows) in TABLES.iter().zip(self.rows) {
            let Some(given) = rows.first().and_then(Value::as_object) else {
                continue;
            };
            let columns = session.rows(&format!(
                "SELECT column_name, CASE
                    WHEN is_nullable = 'YES' OR column_default IS NOT NULL THEN NULL
                    WHEN data_type = 'ARRAY' THEN '{{}}' ELSE '' END
                 FROM information_schema.columns
                 WHERE table_schema = 'public' AND table_name = '{table}'
                    AND is_generated = 'NEVER'"
            ));
            let (mut names, mut values) = (Vec::new(), Vec::new());
            for column in columns {
                let name = column[0].clone().expect("a name");
                if given.contains_key(&name) {
                    values.push(format!(r#""{name}""#));
                } else if let Some(empty) = &column[1] {
                    values.push(format!("'{empty}'"));
                } else {
                    continue;
                }
                names.push(format!(r#""{name}""#));
            }
            let insert = format!(
                "INSERT INTO {table} ({}) SELECT {}
                 FROM jsonb_populate_recordset(NULL::{table}, $1::jsonb)",
                names.join(", "),
                values.join(", ")
            );
            session.execute_with(&insert, &Value::Array(rows).to_string());
        }
        session.execute(&format!("COMMIT; ANALYZE {}", TABLES.join(", ")));
    }
}

/// The time so many microseconds before now.
fn at(before: i64) -> String {
    let now: DateTime<Utc> = NOW.parse().expect("a time");
    (now - TimeDelta::microseconds(before)).to_rfc3339_opts(SecondsFormat::Micros, true)
}

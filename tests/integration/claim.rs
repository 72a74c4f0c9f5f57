//! Claims: a person gets a prebuilt workspace as theirs.

mod batch;
mod choice;
mod coderd;
mod crowds;
mod eligible;
mod external_auth;
mod lost_sessions;
mod misses;
mod pools;
mod races;
mod refusals;
mod remembered;
mod rows;
mod waiting;

use serde_json::Value;

use crate::support::database::{Database, Session};
use crate::support::process::{Output, Running, prebuildctl};
use crate::support::scene::PREBUILDS_USER;
use crate::support::scene::claims::{ADA, claim, id};

/// Counts the jobs of builds that no build has.
pub const STRAY_JOBS: &str = "SELECT count(*) FROM provisioner_jobs WHERE type = 'workspace_build'
    AND id NOT IN (SELECT job_id FROM workspace_builds)";

pub fn claim_small(database: &Database, name: &str) -> Output {
    claim(
        database,
        &["--preset", "small", "--user", "ada", "--name", name],
    )
}

/// Everything that a claim could change.
pub fn contents(database: &Database) -> Vec<Vec<Vec<Option<String>>>> {
    [
        "workspaces",
        "workspace_builds",
        "workspace_build_parameters",
        "provisioner_jobs",
        "workspace_agents",
        "template_version_presets",
    ]
    .iter()
    .map(|table| {
        let mut rows = database.rows(&format!("SELECT * FROM {table}"));
        rows.sort();
        rows
    })
    .collect()
}

/// Runs a claim that must fail and change nothing.
#[track_caller]
pub fn refused(database: &Database, arguments: &[&str], code: i32, parts: &[&str]) {
    let before = contents(database);
    let output = claim(database, arguments);
    output.expect_code(code);
    for part in parts {
        assert!(output.stderr.contains(part), "no {part:?} in {output:?}");
    }
    assert_eq!(output.stdout, "");
    assert!(
        contents(database) == before,
        "{arguments:?} changed something"
    );
}

pub fn parameters(database: &Database, build: &str) -> String {
    let rows = database.rows(&format!(
        "SELECT name, value FROM workspace_build_parameters
         WHERE workspace_build_id = '{build}' ORDER BY name"
    ));
    let pair = |row: Vec<Option<String>>| {
        let mut row = row.into_iter().flatten();
        format!("{}={}", row.next().unwrap(), row.next().unwrap())
    };
    rows.into_iter().map(pair).collect::<Vec<_>>().join(" ")
}

pub fn start(database: &Database, name: &str) -> Running {
    prebuildctl([
        "claim", "--format", "json", "--preset", "small", "--user", "ada", "--name", name,
    ])
    .on(database)
    .spawn()
}

pub fn start_batch(database: &Database, parallel: &str, lines: String) -> Running {
    prebuildctl(["claim", "--batch", "-", "--parallel", parallel])
        .on(database)
        .stdin(lines)
        .spawn()
}

pub fn line(preset: &str, user: &str, name: &str) -> String {
    format!("{{\"preset\":\"{preset}\",\"user\":\"{user}\",\"name\":\"{name}\"}}\n")
}

pub fn answers(output: &Output) -> Vec<Value> {
    let documents = serde_json::Deserializer::from_str(&output.stdout).into_iter();
    documents.map(|answer| answer.expect("JSON")).collect()
}

/// A workspace of ada, in a transaction of the session.
pub fn begin_workspace(session: &mut Session, name: &str) {
    session.execute(&format!(
        "BEGIN;
         INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id,
                                 name)
         VALUES ('{}', now(), now(), '{}', '{}', '{}', '{name}')",
        id(9001),
        id(ADA),
        id(1),
        id(21)
    ));
}

/// A workspace that can still be claimed, and has one build.
#[track_caller]
pub fn assert_untouched(database: &Database, workspace: u64) {
    let row = database.rows(&format!(
        "SELECT w.owner_id, w.name, count(*) FROM workspaces AS w
         JOIN workspace_builds AS b ON b.workspace_id = w.id
         WHERE w.id = '{}' GROUP BY w.owner_id, w.name",
        id(workspace)
    ));
    let name = format!("prebuild-{workspace}");
    let expected = [PREBUILDS_USER, &name, "1"].map(|text| Some(text.to_owned()));
    assert_eq!(row, [expected]);
    let jobs = "SELECT count(*) FROM provisioner_jobs
                WHERE type = 'workspace_build'
                AND id NOT IN (SELECT job_id FROM workspace_builds)";
    assert_eq!(database.count(jobs), 0, "jobs without builds");
}

//! How long a snapshot of a large database takes, and a plan of a large snapshot document.
//!
//! `cargo bench --bench snapshot` starts a private PostgreSQL server, fills it with
//! [`large.sql`](large.sql), and runs the release binary as an operator would, connection and
//! start-up included. Prints figures and judges nothing.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking and tells its figures on standard output"
)]

#[allow(dead_code, reason = "the tests' tool box, of which this needs a part")]
#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../measure/mod.rs"]
mod measure;

use measure::measure;

fn main() {
    let Some(database) = support::postgres() else {
        return;
    };
    println!("filling a database with 250,000 workspaces and a million builds ...");
    let mut session = database.session();
    for statement in include_str!("large.sql")
        .split(";\n")
        .filter(|sql| !sql.trim().is_empty())
    {
        session.execute(statement);
    }
    let count = |table: &str| database.count(&format!("SELECT count(*) FROM {table}"));
    println!(
        "{} workspaces, {} builds",
        count("workspaces"),
        count("workspace_builds")
    );

    let arguments = [
        "--database-url",
        &database.url,
        "--format",
        "json",
        "snapshot",
    ];
    let document = measure("snapshot of the database", &arguments, &[]);
    let live = document.matches("\"created_at\"").count();
    println!(
        "  {live} live prebuilt workspaces, {} bytes",
        document.len()
    );

    let document = five_thousand_presets();
    let arguments = ["plan", "--snapshot", "-"];
    measure(
        "plan of 5,000 presets with 50,000 running",
        &arguments,
        document.as_bytes(),
    );
}

/// A snapshot document of 5,000 presets with two schedules and ten running workspaces each.
fn five_thousand_presets() -> String {
    let id = |kind: u64, n: u64| uuid::Uuid::from_u64_pair(kind, n).to_string();
    let preset = |n: u64| {
        serde_json::json!({
            "id": id(1, n), "name": format!("preset-{n}"),
            "organization_id": id(2, 1), "organization_name": "acme",
            "template_id": id(3, n / 5), "template_name": format!("template-{}", n / 5),
            "template_version_id": id(4, n / 5), "template_version_name": "v1",
            "using_active_version": true, "desired_instances": 11, "ttl_secs": 86400,
            "scheduling_timezone": "Europe/Berlin",
        })
    };
    let schedule = |n: u64| {
        let hours = if n.is_multiple_of(2) { "8-17" } else { "18-20" };
        serde_json::json!({
            "id": id(5, n), "preset_id": id(1, n / 2),
            "cron_expression": format!("* {hours} * * 1-5"), "desired_instances": 12,
        })
    };
    let running = |n: u64| {
        serde_json::json!({
            "id": id(6, n), "name": format!("prebuild-{n}"), "template_id": id(3, n / 50),
            "template_version_id": id(4, n / 50), "preset_id": id(1, n / 10), "ready": true,
            "created_at": "2026-03-04T11:00:00Z",
        })
    };
    serde_json::json!({
        "version": 1, "taken_at": "2026-03-04T12:00:00Z",
        "presets": (0..5_000).map(preset).collect::<Vec<_>>(),
        "schedules": (0..10_000).map(schedule).collect::<Vec<_>>(),
        "running": (0..50_000).map(running).collect::<Vec<_>>(),
    })
    .to_string()
}

//! How long a snapshot and a plan of a large database take, and a plan of a large snapshot document.

use std::process::{Command, Stdio};
use std::time::Instant;

use uuid::Uuid;

use crate::Large;
use crate::measure::{middle, prebuildctl, run};
use crate::support::cluster;
use crate::support::process::TestDir;
use crate::table::Table;

const RUNS: usize = 5;

/// The rows that a snapshot is made of, as they are: each live prebuilt workspace with its latest build and
/// that one's job, and the agents.
const RAW: &str = "COPY (
    SELECT w.*, b.*, j.*, a.*
    FROM workspaces AS w
    CROSS JOIN LATERAL (SELECT * FROM workspace_builds WHERE workspace_id = w.id
                        ORDER BY build_number DESC LIMIT 1) AS b
    JOIN provisioner_jobs AS j ON j.id = b.job_id
    LEFT JOIN workspace_resources AS r ON r.job_id = j.id
    LEFT JOIN workspace_agents AS a ON a.resource_id = r.id
    WHERE w.owner_id = 'c42fdf75-3097-471c-8c33-fb52454d81c0' AND NOT w.deleted
) TO STDOUT";

pub fn measure(table: &mut Table, large: &Large) {
    let database = large.database();
    let of = |command: &str| {
        let url = ["--database-url", &database.url];
        let arguments = [command, "--format", "json", url[0], url[1]];
        middle(RUNS, || run(&mut prebuildctl(&arguments), &[]))
    };
    let raw = || {
        let mut psql = Command::new(cluster::program("psql"));
        psql.args([&database.url, "-c", RAW]);
        run(&mut psql, &[])
    };
    let copy = middle(RUNS, raw).seconds;
    let snapshot = of("snapshot");
    let live = snapshot.output.matches("\"created_at\"").count();
    let what = format!(
        "`snapshot` with {live} live prebuilt workspaces, {} MB",
        snapshot.megabytes
    );
    table.time(&what, snapshot.seconds, "`COPY` of the rows by psql", copy);
    let plan = of("plan");
    let what = format!("`plan` of it, {} MB", plan.megabytes);
    table.time(&what, plan.seconds, "`snapshot`", snapshot.seconds);
}

/// A document of 5,000 presets and a million running workspaces.
pub fn measure_document(table: &mut Table) {
    let folder = TestDir::new();
    let document = document(1_000_000);
    let path = folder.write("snapshot.json", &document);
    let started = Instant::now();
    let value: serde_json::Value = serde_json::from_str(&document).expect("a document");
    let parsing = started.elapsed().as_secs_f64();
    drop((value, document));
    let path = path.to_str().expect("a path");
    let plan = middle(RUNS, || {
        let mut plan = prebuildctl(&["plan", "--format", "json", "--snapshot", path]);
        plan.stderr(Stdio::null());
        run(&mut plan, &[])
    });
    let what = format!(
        "`plan --snapshot` of a million workspaces, {} MB",
        plan.megabytes
    );
    table.time(&what, plan.seconds, "`serde_json` to values", parsing);
}

fn document(running: u64) -> String {
    let id = |kind: u64, n: u64| Uuid::from_u64_pair(kind, n).to_string();
    let presets = 5_000;
    let preset = |n: u64| {
        serde_json::json!({
            "id": id(1, n), "name": format!("preset-{n}"),
            "organization_id": id(2, 1), "organization_name": "acme",
            "template_id": id(3, n / 5), "template_name": format!("template-{}", n / 5),
            "template_version_id": id(4, n / 5), "template_version_name": "v1",
            "using_active_version": true, "desired_instances": running / presets + 1,
            "ttl_secs": 86400, "scheduling_timezone": "Europe/Berlin",
        })
    };
    let schedule = |n: u64| {
        let hours = if n.is_multiple_of(2) { "8-17" } else { "18-20" };
        serde_json::json!({
            "id": id(5, n), "preset_id": id(1, n / 2),
            "cron_expression": format!("* {hours} * * 1-5"),
            "desired_instances": running / presets + 2,
        })
    };
    let workspace = |n: u64| {
        let preset = n % presets;
        serde_json::json!({
            "id": id(6, n), "name": format!("prebuild-{n}"), "template_id": id(3, preset / 5),
            "template_version_id": id(4, preset / 5), "preset_id": id(1, preset), "ready": true,
            "created_at": "2026-03-04T11:00:00Z",
        })
    };
    serde_json::json!({
        "version": 1, "taken_at": "2026-03-04T12:00:00Z",
        "presets": (0..presets).map(preset).collect::<Vec<_>>(),
        "schedules": (0..2 * presets).map(schedule).collect::<Vec<_>>(),
        "running": (0..running).map(workspace).collect::<Vec<_>>(),
    })
    .to_string()
}

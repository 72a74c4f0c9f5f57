//! The alert rules and the dashboard: they name metrics that exist, and Prometheus takes them.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::build_timings::{CLAIM, QUEUE_WAIT};
use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::service::{address, get, start_loop, stop};
use crate::support::{sqlite, wait_until};

const RULES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/packaging/prometheus/alerts.yaml"
);

const DASHBOARD: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/packaging/grafana/prebuildctl.json"
);

/// What a loop counts.
const ASKED: [&str; 2] = [
    "prebuildctl_preset_claims_total",
    "prebuildctl_preset_misses_total",
];

fn rules() -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(RULES).unwrap();
    let file: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    file["groups"][0]["rules"].as_array().unwrap().clone()
}

/// A database with pools that are hard limited and can't be built, and with a workspace that came from no pool.
fn set_scene() -> Database {
    let database = sqlite();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "pool", 1);
    for age in [60, 50, 40] {
        scene.prebuild(&web, &pool, Job::Failed, age);
    }
    let invalid = scene.preset(&web, "invalid", 1);
    let workspace = scene.prebuild(&web, &invalid, Job::Succeeded, 30);
    scene.execute(&format!(
        "UPDATE template_version_presets SET prebuild_status = 'validation_failed' WHERE id = '{invalid}';
         UPDATE workspaces SET owner_id = '{0}' WHERE id = '{1}';
         UPDATE workspace_builds SET initiator_id = '{0}' WHERE workspace_id = '{1}'",
        scene.person, workspace.id
    ));
    database
}

/// The names of the samples of a text.
fn names(metrics: &str) -> BTreeSet<String> {
    let lines = metrics.lines().filter(|line| !line.starts_with('#'));
    let names = lines.filter_map(|line| line.split(['{', ' ']).next());
    names.map(str::to_owned).collect()
}

/// Makes sure that an expression asks for nothing else.
#[track_caller]
fn assert_known(expression: &str, known: &BTreeSet<String>) {
    let words = expression.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
    let asked = words.filter(|it| it.starts_with("coderd_") || it.starts_with("prebuildctl_"));
    let asked: Vec<&str> = asked.collect();
    assert!(!asked.is_empty(), "{expression}");
    for name in asked {
        assert!(
            known.contains(name),
            "{name} of {expression}; there are {known:?}"
        );
    }
}

#[test]
fn alerts_ask_for_metrics_that_there_are() {
    let database = set_scene();
    let dir = TestDir::new();
    let file = dir.join("metrics.prom");
    let pass = prebuildctl(["reconcile-once", "--metrics-file"]).arg(&file);
    pass.on(&database).run().ok();
    let mut known = names(&std::fs::read_to_string(file).unwrap());
    // Of a loop: the dashboard's test sees that there are such.
    known.extend(ASKED.map(str::to_owned));
    let rules = rules();
    assert!(rules.len() >= 9, "{rules:?}");
    for rule in rules {
        assert_known(rule["expr"].as_str().unwrap(), &known);
    }
}

#[test]
fn the_dashboard_asks_for_metrics_that_a_loop_serves() {
    let database = set_scene();
    let running = start_loop(&database.url, &["--metrics-addr", "127.0.0.1:0"]);
    let address = address(&running);
    let mut known = BTreeSet::new();
    wait_until("pools, passes and workspaces are counted", || {
        known = names(&get(&address, "/metrics").1);
        [
            "coderd_prebuilt_workspaces_desired",
            "coderd_workspace_creation_total",
            "prebuildctl_last_success_timestamp_seconds",
        ]
        .into_iter()
        .chain(ASKED)
        .all(|name| known.contains(name))
    });
    stop(running);
    // Of builds that end while a loop runs.
    known.extend([CLAIM, QUEUE_WAIT].map(|name| format!("{name}_bucket")));

    let text = std::fs::read_to_string(DASHBOARD).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    assert!(panels.len() >= 10);
    let mut ids = BTreeSet::new();
    for panel in panels {
        assert!(ids.insert(panel["id"].as_i64().unwrap()), "{panel}");
        for target in panel["targets"].as_array().unwrap() {
            assert_known(target["expr"].as_str().unwrap(), &known);
        }
    }
    for variable in dashboard["templating"]["list"].as_array().unwrap() {
        if variable["type"] == "query" {
            assert_known(variable["query"]["query"].as_str().unwrap(), &known);
        }
    }
}

#[test]
fn prometheus_takes_the_rules() {
    let Ok(output) = Command::new("promtool")
        .args(["check", "rules", RULES])
        .output()
    else {
        eprintln!("skipped: no promtool here");
        return;
    };
    assert!(output.status.success(), "{output:?}");
}

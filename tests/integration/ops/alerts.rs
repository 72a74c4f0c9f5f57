//! The alert rules: they name metrics that exist, and Prometheus takes them.

use std::collections::BTreeSet;
use std::process::Command;

use crate::support::process::{TestDir, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::sqlite;

const RULES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/packaging/prometheus/alerts.yaml"
);

fn rules() -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(RULES).unwrap();
    let file: serde_json::Value = serde_saphyr::from_str(&text).unwrap();
    file["groups"][0]["rules"].as_array().unwrap().clone()
}

#[test]
fn alerts_ask_for_metrics_that_there_are() {
    let database = sqlite();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "pool", 1);
    for age in [60, 50, 40] {
        scene.prebuild(&web, &pool, Job::Failed, age);
    }
    let invalid = scene.preset(&web, "invalid", 1);
    scene.execute(&format!(
        "UPDATE template_version_presets SET prebuild_status = 'validation_failed' WHERE id = '{invalid}'"
    ));
    let dir = TestDir::new();
    let file = dir.join("metrics.prom");
    let pass = prebuildctl(["reconcile-once", "--metrics-file"]).arg(&file);
    pass.on(&database).run().ok();
    let metrics = std::fs::read_to_string(file).unwrap();
    let known: BTreeSet<&str> = metrics
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.split(['{', ' ']).next())
        .collect();
    let rules = rules();
    assert!(rules.len() >= 7, "{rules:?}");
    for rule in rules {
        let expression = rule["expr"].as_str().unwrap();
        let names = expression.split(|c: char| c != '_' && !c.is_ascii_alphanumeric());
        let names = names.filter(|it| it.starts_with("coderd_") || it.starts_with("prebuildctl_"));
        for name in names {
            assert!(
                known.contains(name),
                "{name} of {rule}; there are {known:?}"
            );
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

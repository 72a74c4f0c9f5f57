//! Templates that take long to render, and who waits for them: nobody else.

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene, Version};
use crate::support::service::{address, get, start_loop};
use crate::support::{Coder, coder, wait_until};

/// Takes a good part of the work that a render may do.
const SLOW: &str = r#"
    locals {
      slow = length([for i in range(100) : length([for j in range(1000) : j])])
    }
    data "coder_parameter" "p" {
      name    = "p"
      default = tostring(local.slow)
    }
"#;

fn slow_template(scene: &Scene) -> Version {
    let web = scene.template("web");
    scene.import(&web, &[("main.tf", SLOW)], "1.10");
    web
}

/// Waits until a session of the program has been out of any transaction, and idle, for a while.
fn until_rendering(database: &Database) {
    wait_until("the program renders outside of transactions", || {
        database.count(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'prebuildctl'
                 AND state = 'idle' AND state_change < clock_timestamp() - interval '50 ms'",
        ) > 0
    });
}

#[test]
fn creates_deletes_and_cancellations_are_worked_out_outside_of_transactions() {
    for step in ["created", "deleted", "cancelled"] {
        let Some(database) = coder(Coder::Current) else {
            return;
        };
        let scene = Scene::new(&database);
        let web = slow_template(&scene);
        let pool = scene.preset(&web, "pool", i64::from(step == "created"));
        match step {
            "deleted" => drop(scene.prebuild(&web, &pool, Job::Succeeded, 60)),
            "cancelled" => {
                scene.prebuild(&web, &pool, Job::Pending, 60);
                scene.activate(&scene.version(&web.template, "v2"));
            }
            _ => {}
        }
        let run = prebuildctl(["reconcile-once", "--format=json"]).on(&database);
        let run = run.spawn();
        until_rendering(&database);
        let report: Value = run.wait().json();
        assert_eq!(report[step], 1, "{report:#}");
    }
}

#[test]
fn a_loop_that_renders_answers_probes_and_ends_at_a_second_signal() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let scene = Scene::new(&database);
    let web = slow_template(&scene);
    for n in 0..200 {
        scene.preset(&web, &format!("pool{n}"), 1);
    }
    let running = start_loop(&database.url, &["--metrics-addr", "127.0.0.1:0"]);
    let address = address(&running);
    until_rendering(&database);
    assert_eq!(get(&address, "/healthz").0, 200);
    let metrics = get(&address, "/metrics").1;
    let ended = metrics
        .lines()
        .find(|it| it.starts_with("prebuildctl_passes_total{") && !it.ends_with(" 0"));
    assert_eq!(ended, None, "the pass was over");
    // Two of the same could come as one.
    running.signal("INT");
    running.signal("TERM");
    let output = running.wait();
    assert!([130, 143].contains(&output.code), "{output:?}");
    assert_eq!(database.count("SELECT count(*) FROM workspaces"), 0);
}

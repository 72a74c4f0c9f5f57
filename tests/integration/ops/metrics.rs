//! What a loop serves over HTTP, and what a single pass writes to a file.

use std::net::TcpStream;
use std::time::Duration;

use crate::support::cluster::Cluster;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::scene::{Job, PREBUILDS_USER, Scene, random};
use crate::support::service::{
    address, declare, get, hold_lock, sample, start_loop, stop, until_workspaces, with_pool,
};
use crate::support::{Coder, coder, databases, everywhere, sqlite, wait_for, wait_until};

/// Several looks, and the time after which what has happened is counted.
const PATIENCE: Duration = Duration::from_secs(120);

const LABELS: &str = r#"{template_name="web",preset_name="small",organization_name="acme"}"#;

fn of_preset(text: &str, name: &str) -> Option<f64> {
    sample(text, &format!("coderd_prebuilt_workspaces_{name}{LABELS}"))
}

#[test]
fn a_scrape_shows_pools_and_passes() {
    with_pool(|database| {
        let running = start_loop(&database.url, &["--metrics-addr", "127.0.0.1:0"]);
        let address = address(&running);
        until_workspaces(database, 2);
        let mut text = String::new();
        wait_until("everything was read", || {
            text = get(&address, "/metrics").1;
            sample(&text, "coderd_prebuilt_workspaces_metrics_last_updated") > Some(0.0)
                && sample(&text, r#"prebuildctl_passes_total{outcome="applied"}"#) == Some(1.0)
        });
        assert_eq!(of_preset(&text, "desired"), Some(2.0), "{text}");
        assert_eq!(of_preset(&text, "running"), Some(0.0), "{text}");
        assert_eq!(of_preset(&text, "eligible"), Some(0.0), "{text}");
        assert_eq!(of_preset(&text, "preset_hard_limited"), None);
        let paused = "coderd_prebuilt_workspaces_reconciliation_paused";
        assert_eq!(sample(&text, paused), Some(0.0));
        let created = r#"prebuildctl_workspaces_total{action="created"}"#;
        assert_eq!(sample(&text, created), Some(2.0));
        let durations = "coderd_prebuilds_reconciliation_duration_seconds_count";
        assert!(sample(&text, durations) >= Some(1.0));
        assert_eq!(get(&address, "/healthz"), (200, "alive\n".to_owned()));
        assert_eq!(get(&address, "/elsewhere").0, 404);
        stop(running);
    });
}

#[test]
fn a_loop_counts_claims_and_misses_from_its_beginning_on() {
    // All at once, since each of them waits several looks.
    let running: Vec<_> = databases()
        .map(|database| {
            let scene = Scene::new(&database);
            let web = scene.template("web");
            let pool = scene.preset(&web, "small", 1);
            scene.prebuild(&web, &pool, Job::Succeeded, 600);
            scene.daemon("{}", 0);
            prebuildctl(["pause"]).on(&database).run().ok();
            let running = start_loop(&database.url, &["--metrics-addr", "127.0.0.1:0"]);
            (address(&running), running, database, scene, web, pool)
        })
        .collect();
    let counted = |address: &str| {
        let text = get(address, "/metrics").1;
        let of = |name: &str| sample(&text, &format!("prebuildctl_preset_{name}_total{LABELS}"));
        (of("claims"), of("misses"))
    };
    for (address, _, database, scene, web, pool) in &running {
        wait_for(PATIENCE, "counting has begun", || {
            counted(address) == (Some(0.0), Some(0.0))
        });
        let claim = |name: &str| {
            let command = ["claim", "--preset=small", "--user=ann", "--name", name];
            prebuildctl(command).on(database).run()
        };
        claim("first").ok();
        claim("second").expect_code(4);
        if database.migration().is_some() {
            // What coderd does then, and a provisioner.
            let made = scene.of_person(web, pool, Job::Succeeded, 0);
            database.execute(&format!(
                "UPDATE workspace_builds SET created_at = now() WHERE id = '{}';
                 UPDATE provisioner_jobs SET created_at = now(), started_at = now(), completed_at = now(),
                    worker_id = (SELECT id FROM provisioner_daemons) WHERE id = '{}'",
                made.build, made.job
            ));
        }
    }
    for (address, running, ..) in running {
        wait_for(PATIENCE, "the claim and the miss are counted", || {
            counted(&address) == (Some(1.0), Some(1.0))
        });
        stop(running);
    }
}

#[test]
fn clients_that_say_nothing_keep_no_probe_from_its_answer() {
    let database = sqlite();
    declare(&database.url, 1);
    let running = start_loop(&database.url, &["--metrics-addr", ":0"]);
    let address = address(&running);
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    for idle in [64, 200] {
        let clients: Vec<TcpStream> = (0..idle)
            .map(|_| TcpStream::connect(&address).unwrap())
            .collect();
        for path in ["/healthz", "/metrics"] {
            assert_eq!(get(&address, path).0, 200);
        }
        drop(clients);
    }
    stop(running);
}

#[test]
fn ready_is_who_looks_after_the_pools() {
    with_pool(|database| {
        let lock = hold_lock(database);
        let running = prebuildctl([
            "loop",
            "--interval",
            "100ms",
            "--metrics-addr",
            "127.0.0.1:0",
        ])
        .on(database)
        .spawn();
        let address = address(&running);
        running.await_stderr("another process holds the lock");
        wait_until("the pass is taken note of", || {
            let (status, text) = get(&address, "/readyz");
            assert_eq!(status, 503);
            text.contains("no pass has gone well yet; another process holds the lock")
        });
        assert_eq!(get(&address, "/healthz").0, 200);
        drop(lock);
        wait_until("a pass goes well", || get(&address, "/readyz").0 == 200);
        prebuildctl(["pause"]).on(database).run().ok();
        wait_until("a pass is paused", || {
            let (status, text) = get(&address, "/readyz");
            assert_eq!(status, 200);
            text.contains("reconciliation is paused")
        });
        stop(running);
    });
}

#[test]
fn without_its_database_a_loop_is_not_ready() {
    let Some(server) = Cluster::private() else {
        return;
    };
    let url = server.url("postgres");
    prebuildctl(["init", "--database-url", &url]).run().ok();
    declare(&url, 1);
    let running = prebuildctl([
        "loop",
        "--interval",
        "100ms",
        "--database-url",
        &url,
        "--metrics-addr",
        "127.0.0.1:0",
    ])
    .spawn();
    let address = address(&running);
    wait_until("a pass goes well", || get(&address, "/readyz").0 == 200);
    server.stop("immediate");
    let (mut status, mut text) = (0, String::new());
    // The server may have gone in the middle of a pass, which then says that.
    wait_until("a pass can't connect", || {
        (status, text) = get(&address, "/readyz");
        text.contains("cannot connect")
    });
    assert_eq!(status, 503, "{text}");
    assert!(text.starts_with("not ready: the last pass, "), "{text}");
    let (status, text) = get(&address, "/metrics");
    assert_eq!(status, 200);
    assert!(sample(&text, r#"prebuildctl_passes_total{outcome="failed"}"#) > Some(0.0));
    server.restart();
    wait_until("a pass goes well again", || {
        get(&address, "/readyz").0 == 200
    });
    stop(running);
    server.stop("fast");
}

#[test]
fn an_address_that_is_taken_is_an_error() {
    with_pool(|database| {
        let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        let output = prebuildctl(["loop", "--metrics-addr", &address])
            .on(database)
            .run();
        output.expect_code(1);
        assert!(
            output.stderr.contains("can't serve metrics on"),
            "{output:?}"
        );
    });
}

#[test]
fn a_single_pass_writes_a_file() {
    with_pool(|database| {
        let dir = TestDir::new();
        let path = dir.join("prebuilds.prom");
        let file = path.to_str().unwrap();
        let pass = |url: &str| {
            let command = ["reconcile-once", "--metrics-file", file];
            let output = prebuildctl(command.iter().chain(&["--database-url", url])).run();
            (output.code, std::fs::read_to_string(&path).unwrap())
        };
        let (code, text) = pass(&database.url);
        assert_eq!(code, 0);
        let created = r#"prebuildctl_last_pass_workspaces{action="created"}"#;
        assert_eq!(sample(&text, created), Some(2.0), "{text}");
        assert_eq!(of_preset(&text, "created_total"), Some(2.0), "{text}");
        assert_eq!(of_preset(&text, "failed_total"), Some(0.0), "{text}");
        assert_eq!(of_preset(&text, "claimed_total"), Some(0.0), "{text}");
        assert_eq!(of_preset(&text, "desired"), Some(2.0), "{text}");
        let success = sample(&text, "prebuildctl_last_success_timestamp_seconds");
        assert!(success.is_some());

        // One of them fails, the other one is claimed.
        database.execute(
            "UPDATE provisioner_jobs
             SET started_at = created_at, completed_at = created_at, error = 'exit status 1'
             WHERE id = (SELECT job_id FROM workspace_builds ORDER BY id LIMIT 1);
             INSERT INTO users (id, email, username, name, hashed_password, created_at, updated_at)
             SELECT id, 'bob@example.com', 'bob', '', hashed_password, created_at, updated_at
             FROM (SELECT w.id, u.hashed_password, u.created_at, u.updated_at
                   FROM users AS u, workspaces AS w ORDER BY w.id LIMIT 1) AS x;
             UPDATE workspaces SET owner_id = (SELECT id FROM users WHERE username = 'bob')
             WHERE id = (SELECT workspace_id FROM workspace_builds ORDER BY id DESC LIMIT 1)",
        );
        prebuildctl(["pause"]).on(database).run().ok();
        let (code, text) = pass(&database.url);
        assert_eq!(code, 0);
        assert_eq!(of_preset(&text, "created_total"), Some(2.0), "{text}");
        assert_eq!(of_preset(&text, "failed_total"), Some(1.0), "{text}");
        assert_eq!(of_preset(&text, "claimed_total"), Some(1.0), "{text}");
        let paused = r#"prebuildctl_last_pass_outcome{outcome="paused"}"#;
        assert_eq!(sample(&text, paused), Some(1.0), "{text}");
        let success = sample(&text, "prebuildctl_last_success_timestamp_seconds");

        // A pass that fails says so, and when one went well last.
        let (code, text) = pass("sqlite:/nowhere/at.all");
        assert_eq!(code, 1);
        let failed = r#"prebuildctl_last_pass_outcome{outcome="failed"}"#;
        assert_eq!(sample(&text, failed), Some(1.0), "{text}");
        assert_eq!(
            sample(&text, "prebuildctl_last_success_timestamp_seconds"),
            success
        );
        assert_eq!(of_preset(&text, "desired"), None, "{text}");
        // Nothing else is left behind.
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    });
}

#[test]
fn totals_on_the_database_of_coder_add_up() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    random::fill(&database, 5, 300);
    prebuildctl(["pause"]).on(&database).run().ok();
    let dir = TestDir::new();
    let path = dir.join("prebuilds.prom");
    let file = path.to_str().unwrap();
    prebuildctl(["reconcile-once", "--metrics-file", file])
        .on(&database)
        .run()
        .ok();
    let text = std::fs::read_to_string(&path).unwrap();
    for (name, condition) in [
        ("created", "true"),
        ("failed", "job_status = 'failed'"),
        ("claimed", "owner_id <> initiator"),
    ] {
        let expected = database.rows(&format!(
            "SELECT count(*), count(DISTINCT (organizations.name, templates.name, presets.name))
             FROM (SELECT *, initiator_id AS initiator FROM workspace_builds
                   WHERE build_number = 1) AS builds
             JOIN template_version_presets AS presets
                ON presets.id = template_version_preset_id
             JOIN provisioner_jobs ON provisioner_jobs.id = job_id
             JOIN workspaces ON workspaces.id = workspace_id
             JOIN templates ON templates.id = workspaces.template_id
             JOIN organizations ON organizations.id = workspaces.organization_id
             WHERE NOT templates.deleted AND initiator = '{PREBUILDS_USER}' AND {condition}"
        ));
        let prefix = format!("coderd_prebuilt_workspaces_{name}_total{{");
        let values = text.lines().filter(|line| line.starts_with(&prefix));
        let values = values.map(|line| line.rsplit(' ').next().unwrap().parse().unwrap());
        let values: Vec<i64> = values.filter(|value| *value > 0).collect();
        let found = [
            values.iter().sum::<i64>().to_string(),
            values.len().to_string(),
        ];
        assert_eq!(expected, [found.map(Some)], "{name} in:\n{text}");
        assert!(values.len() > 2);
    }
}

#[test]
fn workspaces_created_without_a_pool_are_counted() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 1);
        scene.prebuild(&web, &pool, Job::Succeeded, 600);
        for age in [500, 400, 300] {
            let workspace = scene.prebuild(&web, &pool, Job::Succeeded, age);
            scene.execute(&format!(
                "UPDATE workspaces SET owner_id = '{0}' WHERE id = '{1}';
                 UPDATE workspace_builds SET initiator_id = '{0}' WHERE workspace_id = '{1}'",
                scene.person, workspace.id
            ));
            if age == 300 {
                scene.execute(&format!(
                    "UPDATE workspace_builds SET template_version_preset_id = NULL
                     WHERE workspace_id = '{}'",
                    workspace.id
                ));
            }
        }
        let running = start_loop(&database.url, &["--metrics-addr", "127.0.0.1:0"]);
        let address = address(&running);
        let created = |text: &str, preset: &str| {
            let labels = format!(
                r#"{{template_name="web",preset_name="{preset}",organization_name="acme"}}"#
            );
            sample(text, &format!("coderd_workspace_creation_total{labels}"))
        };
        let mut text = String::new();
        wait_until("workspaces were counted", || {
            text = get(&address, "/metrics").1;
            text.contains("coderd_workspace_creation_total{")
        });
        assert_eq!(created(&text, "pool"), Some(2.0), "{text}");
        assert_eq!(created(&text, ""), Some(1.0), "{text}");
        stop(running);
    });
}

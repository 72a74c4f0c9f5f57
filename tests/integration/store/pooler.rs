//! Behind a PgBouncer that pools transactions everything works, and nothing stays behind in the sessions of
//! the server, which go from client to client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value;

use crate::ops::doctor::findings;
use crate::support::bouncer::Bouncer;
use crate::support::cluster;
use crate::support::database::{Database, Session};
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::service::WORKSPACES;
use crate::support::{Coder, coder, gate, postgres, wait_until, wait_until_blocked};

/// More passes at the same time than the proxy has sessions.
const CROWD: usize = 16;

/// Pools and somebody to claim from them.
const POOLS: &str = r#"
    [[organizations]]
    name = "acme"
    [[users]]
    username = "ada"
    organizations = ["acme"]
    [[templates]]
    organization = "acme"
    name = "web"
    [[templates.presets]]
    name = "small"
    instances = 6
"#;

/// Everything that a session can keep beyond a transaction, as its next client finds it.
const LEFT_BEHIND: &str = "SELECT current_setting('default_transaction_read_only'),
    current_setting('statement_timeout'), current_setting('lock_timeout'),
    current_setting('idle_in_transaction_session_timeout'), current_setting('tcp_user_timeout'),
    current_setting('tcp_keepalives_idle'), current_setting('jit'), current_setting('work_mem'),
    current_setting('application_name'),
    (SELECT count(*) FROM pg_prepared_statements),
    (SELECT count(*) FROM pg_listening_channels()),
    (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())";

/// A proxy before a database, and other clients of it that are never idle.
struct Traffic {
    bouncer: Bouncer,
    stopping: Arc<AtomicBool>,
    clients: Vec<thread::JoinHandle<usize>>,
}

impl Traffic {
    fn start(database: &Database) -> Option<Self> {
        let bouncer = Bouncer::start(4)?;
        // Not where prebuildctl looks for tables.
        database.execute("CREATE SCHEMA traffic; CREATE TABLE traffic.lines (n integer)");
        let stopping = Arc::new(AtomicBool::new(false));
        let client = |_| {
            let mut session = Session::open(&bouncer.url(database));
            let stopping = Arc::clone(&stopping);
            thread::spawn(move || {
                let mut done = 0;
                while !stopping.load(Ordering::Relaxed) {
                    session.execute("INSERT INTO traffic.lines SELECT 1 FROM pg_sleep(0.001)");
                    done += 1;
                }
                done
            })
        };
        Some(Self {
            clients: (0..3).map(client).collect(),
            bouncer,
            stopping,
        })
    }

    fn run(&self, database: &Database, arguments: &[&str]) -> Output {
        prebuildctl(arguments)
            .arg(format!("--database-url={}", self.bouncer.url(database)))
            .run()
    }

    /// Makes sure that nothing was left behind, and that the other clients noticed nothing.
    #[track_caller]
    fn assert_clean(self, database: &Database) {
        let fresh = database
            .row(&LEFT_BEHIND.replace("current_setting('application_name')", "'prebuildctl'"));
        for mut session in self.bouncer.in_every_session(database, LEFT_BEHIND) {
            // Whose name it is depends on who came first.
            session[8] = "prebuildctl".to_owned();
            assert_eq!(session, fresh);
        }
        self.stopping.store(true, Ordering::Relaxed);
        for client in self.clients {
            assert!(client.join().expect("no error of another client") > 0);
        }
    }
}

#[test]
fn what_a_client_of_the_proxy_sets_the_next_one_has() {
    let Some(database) = postgres() else { return };
    let Some(bouncer) = Bouncer::start(1) else {
        return;
    };
    let [mut one, mut other] = [(); 2].map(|()| Session::open(&bouncer.url(&database)));
    // What the tests below are about.
    one.execute("SET statement_timeout = '5min'");
    one.execute("SELECT pg_advisory_lock(8)");
    assert_eq!(other.value("SHOW statement_timeout").unwrap(), "5min");
    let found = bouncer.in_every_session(&database, LEFT_BEHIND).remove(0);
    assert_eq!((found[1].as_str(), found[11].as_str()), ("5min", "1"));
}

#[test]
fn a_database_of_our_own_lives_behind_a_proxy() {
    let Some(cluster) = cluster::postgres().filter(|it| it.is_private()) else {
        return;
    };
    let database = cluster.create_database("empty");
    let Some(traffic) = Traffic::start(&database) else {
        return;
    };
    let run = |arguments: &[&str]| traffic.run(&database, arguments);
    run(&["init"]).ok();
    let apply = prebuildctl(["apply", "-"]).stdin(POOLS);
    let url = format!("--database-url={}", traffic.bouncer.url(&database));
    apply.arg(&url).run().ok();
    run(&["pause"]).ok();
    assert_eq!(
        run(&["reconcile-once", "--format=json"]).json()["outcome"],
        "paused"
    );
    run(&["resume"]).ok();
    assert_eq!(
        run(&["reconcile-once", "--format=json"]).json()["created"],
        6
    );
    let drain = ["provision", "--simulate", "--build-time=0s", "--drain"];
    run(&drain).ok();
    let snapshot = run(&["snapshot", "--format=json"]).json();
    assert_eq!(snapshot["running"].as_array().map(Vec::len), Some(6));
    run(&["claim", "--preset=small", "--user=ada", "--name=first"]).ok();
    // Two sets and more on sessions that are open for long.
    let line = |n| format!("{{\"preset\":\"small\",\"user\":\"ada\",\"name\":\"more-{n}\"}}\n");
    let lines: String = (0..5).map(line).collect();
    let batch = prebuildctl(["claim", "--batch=-"]).stdin(lines);
    let answers = batch.arg(&url).run();
    assert_eq!(answers.ok().matches(r#""status":"claimed""#).count(), 5);
    run(&["loop", "--max-passes=2", "--interval=1s"]).ok();
    run(&drain).ok();
    run(&["invalidate", "small", "--yes"]).ok();
    run(&["reset-limit", "small", "--yes"]).ok();
    run(&["cleanup", "--yes"]).ok();
    let plan = run(&["plan", "--format=json"]).json();
    assert_eq!(plan["summary"]["delete"], 6, "{plan:#}");
    traffic.assert_clean(&database);
}

#[test]
fn passes_and_claims_work_on_a_coder_database_behind_a_proxy() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let Some(traffic) = Traffic::start(&database) else {
        return;
    };
    let scene = Scene::new(&database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "pool", 3);
    scene.prebuild(&web, &pool, Job::Succeeded, 600);
    scene.prebuild(&web, &scene.preset(&web, "full", 0), Job::Succeeded, 600);
    let run = |arguments: &[&str]| traffic.run(&database, arguments);
    let plan = run(&["plan", "--format=json"]).json();
    let report = run(&["reconcile-once", "--format=json"]).json();
    for (planned, done, count) in [("create", "created", 2), ("delete", "deleted", 1)] {
        assert_eq!(plan["summary"][planned], count);
        assert_eq!(report[done], count);
    }
    let again = run(&["reconcile-once", "--format=json"]).json();
    assert_eq!(again["outcome"], "nothing_to_do");
    let found = findings(&run(&["doctor", "--format=json"]));
    let advice = found.iter().find(|[check, ..]| check == "proxy");
    assert!(
        advice.is_some_and(|[_, level, _]| level == "ok"),
        "{found:?}"
    );
    traffic.assert_clean(&database);
}

#[test]
fn a_crowd_of_passes_behind_a_proxy_fills_a_pool_once() {
    for database in [postgres(), coder(Coder::Current)].into_iter().flatten() {
        let Some(traffic) = Traffic::start(&database) else {
            return;
        };
        let scene = Scene::new(&database);
        scene.preset(&scene.template("web"), "pool", 5);
        let url = format!("--database-url={}", traffic.bouncer.url(&database));
        let command = ["reconcile-once", "--format=json", "--wait-lock=40s", &url];
        let runs = [(); CROWD].map(|()| prebuildctl(command).spawn());
        let created = runs.map(|run| run.wait().json()["created"].as_i64().unwrap());
        assert_eq!(created.iter().sum::<i64>(), 5, "{created:?}");
        assert_eq!(database.count(WORKSPACES), 5);
        traffic.assert_clean(&database);
    }
}

#[test]
fn passes_killed_behind_a_proxy_leave_nothing_in_its_sessions() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let Some(traffic) = Traffic::start(&database) else {
        return;
    };
    let scene = Scene::new(&database);
    scene.preset(&scene.template("web"), "pool", 5);
    let url = format!("--database-url={}", traffic.bouncer.url(&database));
    gate::build(&database, "workspace_builds", "true");
    let table = "template_version_preset_prebuild_schedules";
    // Once while it reads, once while it writes, where it would not wait for a table for long.
    for reads in [true, false] {
        let mut holder = database.session();
        let run = if reads {
            holder.execute(&format!(
                "BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"
            ));
            let run = prebuildctl(["reconcile-once", &url]).spawn();
            wait_until_blocked(&database);
            run
        } else {
            holder.execute(gate::SHUT);
            let run = prebuildctl(["reconcile-once", &url]).spawn();
            gate::wait_for_comer(&database);
            run
        };
        run.signal("KILL");
        run.wait().expect_code(137);
        holder.execute("COMMIT");
        wait_until("the proxy has noticed", || database.count(LOCKS) == 0);
        assert_eq!(database.count(WORKSPACES), 0, "{reads}");
    }
    let report: Value = prebuildctl(["reconcile-once", "--format=json", &url])
        .run()
        .json();
    assert_eq!(report["created"], 5);
    traffic.assert_clean(&database);
}

/// Advisory locks of the database, whoever holds them.
const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

//! `provision`: jobs are taken, built and recorded, once each, whoever dies meanwhile.

mod ending;
mod exec;
mod failures;
mod queue;
mod silence;
mod takeover;

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::database::Database;
use crate::support::process::{Output, Prebuildctl, TestDir, prebuildctl, prebuildctl_after};
use crate::support::{Coder, both, coder, postgres, sqlite, wait_until};

/// One template with a pool of three and a person.
const POOLS: &str = r#"
    [[organizations]]
    name = "acme"
    [[users]]
    username = "ada"
    organizations = ["acme"]
    [[templates]]
    organization = "acme"
    name = "backend"
    [[templates.parameters]]
    name = "disk size"
    default = "10"
    mutable = true
    [[templates.presets]]
    name = "small"
    parameters = { "disk size" = "20" }
    instances = 3
"#;

/// Applies a declaration.
fn apply(database: &Database, declaration: &str) {
    let dir = TestDir::new();
    let file = dir.write("pools.toml", declaration);
    prebuildctl(["apply".as_ref(), file.as_os_str()])
        .on(database)
        .run()
        .ok();
}

fn run(database: &Database, command: &str) -> Output {
    prebuildctl(command.split_whitespace()).on(database).run()
}

/// A database with queued builds: those of the pools of the declaration.
fn queue(database: &Database, declaration: &str) {
    apply(database, declaration);
    run(database, "reconcile-once").ok();
}

/// The declaration with a pool of one.
fn one() -> String {
    POOLS.replace("instances = 3", "instances = 1")
}

fn provision<'a>(database: &Database, arguments: &[&'a str]) -> Prebuildctl {
    let all: Vec<&'a str> = ["provision"].iter().chain(arguments).copied().collect();
    prebuildctl(all).on(database)
}

/// All builds by a shell script, which finds the folder in $OUT.
fn by_script(database: &Database, out: &TestDir, options: &[&str], script: &str) -> Prebuildctl {
    let arguments = [options, &["--exec", "sh", "-c", script]].concat();
    // Workers of other tests end what is left in the usual place.
    let place = out.path();
    provision(database, &arguments)
        .env("OUT", place)
        .env("TMPDIR", place)
}

/// Runs all builds by a shell script to the end.
fn build(database: &Database, out: &TestDir, script: &str) -> Output {
    by_script(database, out, &["--drain"], script).run()
}

fn simulate(database: &Database) {
    provision(database, &["--simulate", "--build-time", "0s", "--drain"])
        .run()
        .ok();
}

fn statuses(database: &Database) -> Vec<String> {
    let rows = database.rows(
        "SELECT job_status FROM provisioner_jobs WHERE type = 'workspace_build'
         ORDER BY created_at, id",
    );
    rows.into_iter().flatten().flatten().collect()
}

/// Waits until the query gives this number.
fn until(database: &Database, query: &str, number: i64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while database.count(query) != number {
        assert!(Instant::now() < deadline, "still not {number}: {query}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn wait_for(path: &Path) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !path.exists() {
        assert!(Instant::now() < deadline, "there is no {path:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Queues a build of the oldest workspace, as a person or the pool would.
fn queue_build(database: &Database, transition: &str, stage: u8, initiator: &str) -> String {
    let id = |sql: &str| database.value(sql).expect("an id");
    let workspace = id("SELECT id FROM workspaces ORDER BY name LIMIT 1");
    let last = format!(
        "SELECT id FROM workspace_builds WHERE workspace_id = '{workspace}'
         ORDER BY build_number DESC LIMIT 1"
    );
    let last = id(&last);
    let (job, build) = (uuid::Uuid::new_v4(), uuid::Uuid::new_v4());
    let now = if database.is_sqlite() {
        "strftime('%Y-%m-%dT%H:%M:%S.000000Z')"
    } else {
        "now()"
    };
    database.execute(&format!(
        "INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id,
            provisioner, storage_method, file_id, type, input, tags)
         SELECT '{job}', {now}, {now}, j.organization_id, '{initiator}', j.provisioner,
            j.storage_method, j.file_id, j.type,
            '{{\"workspace_build_id\": \"{build}\", \"prebuilt_workspace_stage\": {stage}}}', j.tags
         FROM provisioner_jobs AS j JOIN workspace_builds AS b ON b.job_id = j.id
         WHERE b.id = '{last}';
         INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
            template_version_id, build_number, transition, initiator_id, job_id,
            provisioner_state, template_version_preset_id)
         SELECT '{build}', {now}, {now}, workspace_id, template_version_id, build_number + 1,
            '{transition}', '{initiator}', '{job}', provisioner_state, template_version_preset_id
         FROM workspace_builds WHERE id = '{last}';
         INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
         SELECT '{build}', name, value FROM workspace_build_parameters
         WHERE workspace_build_id = '{last}'"
    ));
    job.to_string()
}

/// Makes the oldest workspace ada's and queues the build that hands it over.
fn claim(database: &Database) -> String {
    let ada = database.value("SELECT id FROM users WHERE username = 'ada'");
    let ada = ada.expect("ada");
    let job = queue_build(database, "start", 2, &ada);
    database.execute(&format!(
        "UPDATE workspaces SET owner_id = '{ada}', name = 'mine' WHERE id =
         (SELECT workspace_id FROM workspace_builds WHERE job_id = '{job}')"
    ));
    job
}

fn error(database: &Database, job: &str) -> String {
    let error = format!("SELECT error FROM provisioner_jobs WHERE id = '{job}'");
    database.value(&error).unwrap_or_default()
}

/// Whether the process whose id stands in the file is still there.
fn is_alive(file: &Path) -> bool {
    let process = std::fs::read_to_string(file).expect("a process id");
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.trim()));
    stat.is_ok_and(|stat| !stat.contains(") Z "))
}

#[test]
fn a_pool_fills_and_then_nothing_is_left_to_do() {
    both(|database| {
        queue(database, POOLS);
        let output = provision(database, &["--simulate", "--build-time", "0s", "--drain"]).run();
        output.ok();
        assert!(
            output.stderr.contains("3 builds succeeded, 0 failed"),
            "{}",
            output.stderr
        );
        assert_eq!(statuses(database), ["succeeded"; 3]);
        let snapshot = run(database, "snapshot --format json").json();
        let running = snapshot["running"].as_array().expect("a list").clone();
        assert_eq!(running.len(), 3);
        assert!(running.iter().all(|it| it["ready"] == true), "{running:?}");
        run(database, "plan --detailed-exitcode").expect_code(0);
        // Without work a worker leaves nothing behind, and nobody waits for one that has gone.
        simulate(database);
        assert_eq!(database.count("SELECT count(*) FROM provisioner_keys"), 1);
        assert_eq!(
            database.count("SELECT count(*) FROM provisioner_daemons"),
            0
        );
    });
}

#[test]
fn a_deleted_workspace_is_gone_with_its_agents() {
    both(|database| {
        queue(database, POOLS);
        simulate(database);
        apply(
            database,
            &POOLS.replace("instances = 3", "instances = 1\nttl = \"1h\""),
        );
        run(database, "reconcile-once").ok();
        simulate(database);
        run(database, "reconcile-once").ok();
        simulate(database);
        assert_eq!(
            database.count("SELECT count(*) FROM workspaces WHERE NOT deleted"),
            1
        );
        assert_eq!(
            database.count(
                "SELECT count(*) FROM workspace_agents AS a
                 JOIN workspace_resources AS r ON r.id = a.resource_id
                 JOIN workspace_builds AS b ON b.job_id = r.job_id
                 JOIN workspaces AS w ON w.id = b.workspace_id WHERE w.deleted AND NOT a.deleted"
            ),
            0
        );
        run(database, "plan --detailed-exitcode").expect_code(0);
    });
}

#[test]
fn people_come_first_and_then_the_oldest() {
    both(|database| {
        queue(database, &one());
        let ada = database.value("SELECT id FROM users WHERE username = 'ada'");
        queue_build(database, "start", 0, &ada.expect("ada"));
        let out = TestDir::new();
        let script = r#"echo "$PREBUILDCTL_STAGE $PREBUILDCTL_BUILD_NUMBER" >> "$OUT/order""#;
        by_script(database, &out, &["--drain", "--parallel", "1"], script)
            .run()
            .ok();
        let order = std::fs::read_to_string(out.join("order")).expect("an order");
        assert_eq!(order, "none 2\ncreate 1\n");
    });
}

#[test]
fn a_persons_workspace_gets_a_deadline_where_it_has_a_time_to_live() {
    both(|database| {
        queue(database, POOLS);
        simulate(database);
        database.execute("UPDATE templates SET default_ttl = 0");
        for (name, ttl) in [("for-a-while", &["--ttl", "90m"][..]), ("for-ever", &[])] {
            let claim = [
                "claim", "--preset", "small", "--user", "ada", "--name", name,
            ];
            prebuildctl(claim.iter().chain(ttl)).on(database).run().ok();
        }
        simulate(database);
        let seconds_until = if database.is_sqlite() {
            "unixepoch(b.deadline) - unixepoch(j.completed_at)"
        } else {
            "CAST(extract(epoch FROM b.deadline - j.completed_at) AS bigint)"
        };
        let rows = database.rows(&format!(
            "SELECT w.name, b.deadline = b.max_deadline,
                    CASE WHEN b.deadline <> b.max_deadline THEN {seconds_until} END
             FROM workspaces AS w
             JOIN workspace_builds AS b ON b.workspace_id = w.id
             JOIN provisioner_jobs AS j ON j.id = b.job_id
             JOIN users AS u ON u.id = w.owner_id
             WHERE u.username = 'ada' AND b.build_number = 2 ORDER BY w.name"
        ));
        let row = |name: &str, none: &str, seconds: Option<&str>| {
            [Some(name), Some(none), seconds].map(|text| text.map(ToOwned::to_owned))
        };
        assert_eq!(
            rows,
            [
                row("for-a-while", "0", Some("5400")),
                row("for-ever", "1", None)
            ]
        );
        // What is still the pool's has none.
        let none = "SELECT count(*) FROM workspace_builds WHERE deadline <> max_deadline";
        assert_eq!(database.count(none), 1);
    });
}

#[test]
fn several_builds_run_at_once() {
    both(|database| {
        queue(database, POOLS);
        let out = TestDir::new();
        // Every build waits for the two others.
        let script = r#"
            touch "$OUT/$PREBUILDCTL_JOB_ID"
            for i in $(seq 200); do
                test $(ls "$OUT" | wc -l) -ge 3 && exit
                sleep 0.05
            done
            exit 1"#;
        by_script(database, &out, &["--drain", "--parallel", "3"], script)
            .run()
            .ok();
        assert_eq!(statuses(database), ["succeeded"; 3]);
    });
}

#[test]
fn several_workers_share_the_jobs() {
    both(|database| {
        queue(database, &POOLS.replace("instances = 3", "instances = 60"));
        let arguments = [
            "--simulate",
            "--build-time",
            "0s..5ms",
            "--drain",
            "--format",
            "json",
        ];
        let workers: Vec<_> = (0..4)
            .map(|_| provision(database, &arguments).spawn())
            .collect();
        let done: u64 = workers
            .into_iter()
            .map(|worker| {
                worker.wait().json()["succeeded"]
                    .as_u64()
                    .expect("a number")
            })
            .sum();
        assert_eq!(done, 60);
        assert_eq!(database.count("SELECT count(*) FROM workspace_agents"), 60);
        run(database, "plan --detailed-exitcode").expect_code(0);
    });
}

#[test]
fn a_worker_with_tags_takes_what_it_serves() {
    both(|database| {
        queue(database, &one());
        let tagged = one().replace("\"backend\"", "\"tagged\"").replace(
            "name = \"tagged\"",
            "name = \"tagged\"\ntags = { cluster = \"eu\" }",
        );
        queue(database, &tagged);
        let pending = "SELECT count(*) FROM provisioner_jobs WHERE job_status = 'pending'";
        let drain = |tags: &[&str]| {
            let simulate = ["--simulate", "--build-time", "0s", "--drain"];
            provision(database, &[&simulate, tags].concat()).run().ok();
            database.count(pending)
        };
        assert_eq!(drain(&["--tag", "cluster=us"]), 2);
        assert_eq!(drain(&["--tag", "cluster=eu", "--tag", "gpu=yes"]), 1);
        assert_eq!(drain(&[]), 0);
    });
}

#[test]
fn the_same_seed_gives_the_same_outcomes() {
    let database = sqlite();
    queue(&database, &POOLS.replace("instances = 3", "instances = 40"));
    let copy = Database::sqlite(TestDir::new());
    let path = copy.url.trim_start_matches("sqlite:").to_owned();
    database.execute(&format!("VACUUM INTO '{path}'"));
    let outcomes = |database: &Database, parallel: &str| {
        let simulate = [
            "--simulate",
            "--build-time",
            "0s..20ms",
            "--failure-rate",
            "0.5",
        ];
        let rest = ["--seed", "7", "--drain", "--parallel", parallel];
        provision(database, &[simulate, rest].concat()).run().ok();
        statuses(database)
    };
    let first = outcomes(&database, "1");
    assert_eq!(first, outcomes(&copy, "8"));
    assert!(first.contains(&"failed".to_owned()) && first.contains(&"succeeded".to_owned()));
}

#[test]
fn a_posted_job_wakes_an_idle_worker() {
    let Some(database) = postgres() else { return };
    apply(&database, &one());
    let arguments = ["--simulate", "--build-time", "0s", "--poll-interval", "1h"];
    let worker = provision(&database, &arguments).spawn();
    let listening = "SELECT count(*) FROM pg_stat_activity
                     WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    until(&database, listening, 1);
    run(&database, "reconcile-once").ok();
    let done = "SELECT count(*) FROM provisioner_jobs AS j JOIN workspace_builds AS b
                ON b.job_id = j.id WHERE j.job_status = 'succeeded'";
    until(&database, done, 1);
    worker.signal("TERM");
    worker.wait().ok();
}

#[test]
fn coders_database_is_refused() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let output = provision(&database, &["--simulate", "--drain"]).run();
    output.expect_code(6);
    assert!(output.stderr.contains("Coder manages"), "{}", output.stderr);
}

#[test]
fn mistakes_are_told_before_anything_is_done() {
    let database = Database::sqlite(TestDir::new());
    for arguments in [
        &["--drain"][..],
        &["--simulate", "--exec", "true"],
        &["--simulate", "--failure-rate", "1.5"],
        &["--simulate", "--build-time", "3s..1s"],
        &["--simulate", "--tag", "cluster"],
        &["--simulate", "--stale-after", "1s"],
        &["--exec", "no-such-program"],
        &["--exec", "./no-such-program"],
    ] {
        provision(&database, arguments).run().expect_code(64);
    }
    let output = provision(&database, &["--simulate", "--drain"]).run();
    output.expect_code(1);
    assert!(
        output.stderr.contains("prebuildctl init"),
        "{}",
        output.stderr
    );
    assert!(!Path::new(database.url.trim_start_matches("sqlite:")).exists());
}

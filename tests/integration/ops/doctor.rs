//! `doctor`: what it finds on databases that are well or unwell, and that it writes nothing.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::cluster;
use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::{Job, PREBUILDS_USER, Scene, Version, Workspace, id};
use crate::support::{Coder, coder, pass, postgres, sqlite};

/// A finding: check, level, message.
pub type Found = [String; 3];

/// Databases of every kind that passes can write to, by name; those of PostgreSQL where it is there.
fn databases() -> Vec<(&'static str, Database)> {
    let all = [
        ("SQLite", Some(sqlite())),
        ("PostgreSQL", postgres()),
        ("Coder's", coder(Coder::Current)),
        ("an older Coder's", coder(Coder::Older)),
    ];
    all.into_iter()
        .filter_map(|(name, database)| Some((name, database?)))
        .inspect(|(name, _)| eprintln!("--- on {name}"))
        .collect()
}

const NOTHING: [Found; 0] = [];

/// A pool of one that has one ready workspace, two hours old.
struct Healthy {
    scene: Scene,
    version: Version,
    preset: String,
    workspace: Workspace,
}

impl Healthy {
    fn new(database: &Database) -> Self {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "pool", 1);
        let workspace = scene.prebuild(&version, &preset, Job::Succeeded, 7200);
        Self {
            scene,
            version,
            preset,
            workspace,
        }
    }

    fn prebuild(&self, job: Job, age: i64) -> Workspace {
        self.scene.prebuild(&self.version, &self.preset, job, age)
    }

    /// Wants as many workspaces as that.
    fn desire(&self, instances: i64) {
        self.scene.execute(&format!(
            "UPDATE template_version_presets SET desired_instances = {instances}"
        ));
    }
}

/// The findings of a report that is complete and agrees with the exit code.
#[track_caller]
pub fn findings(output: &Output) -> Vec<Found> {
    let report: Value = serde_json::from_str(&output.stdout)
        .unwrap_or_else(|error| panic!("{error} in {output:?}"));
    let keys = |value: &Value| -> Vec<String> {
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        keys.sort_unstable();
        keys
    };
    assert_eq!(keys(&report), ["findings", "healthy", "version"]);
    assert_eq!(report["version"], 1);
    let found: Vec<Found> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            assert_eq!(keys(finding), ["check", "level", "message", "remedy"]);
            let [check, level, message] =
                ["check", "level", "message"].map(|key| finding[key].as_str().unwrap().to_owned());
            assert!(["ok", "warning", "error"].contains(&level.as_str()));
            match &finding["remedy"] {
                Value::Null => assert_eq!(level, "ok", "{finding}"),
                Value::String(remedy) => {
                    assert_ne!(level, "ok", "{finding}");
                    assert_ne!(remedy, "", "{finding}");
                }
                other => panic!("{other}"),
            }
            [check, level, message]
        })
        .collect();
    let healthy = found.iter().all(|[_, level, _]| level == "ok");
    assert_eq!(report["healthy"], healthy);
    output.expect_code(i32::from(!healthy));
    found
}

/// Runs `doctor`, which leaves the database as it is.
#[track_caller]
fn examine(database: &Database, arguments: &[&str]) -> Vec<Found> {
    let state = || {
        let bytes = database.is_sqlite().then(|| {
            ["", "-wal"].map(|end| {
                fs::read(format!("{}{end}", database.path().display())).unwrap_or_default()
            })
        });
        (database.dump(), bytes)
    };
    let before = state();
    let command = ["doctor", "--format", "json"];
    let output = prebuildctl(command.iter().chain(arguments))
        .on(database)
        .run();
    assert!(before == state(), "doctor wrote");
    findings(&output)
}

#[track_caller]
fn assert_well(database: &Database) {
    assert_eq!(wrong(examine(database, &[])), NOTHING);
}

/// What is not well.
fn wrong(found: Vec<Found>) -> Vec<Found> {
    let wrong = found.into_iter().filter(|[_, level, _]| level != "ok");
    wrong.collect()
}

#[test]
fn a_healthy_database_passes_every_check() {
    for (name, database) in databases() {
        let healthy = Healthy::new(&database);
        let found = examine(&database, &[]);
        assert_eq!(wrong(found.clone()), NOTHING);
        let checks: Vec<&str> = found.iter().map(|[check, ..]| check.as_str()).collect();
        let mut all = vec![
            "connection",
            "clock",
            "schema",
            "rights",
            "lock",
            "queue",
            "paused",
            "pools",
        ];
        if database.is_sqlite() {
            all.retain(|check| !matches!(*check, "clock" | "lock"));
        }
        assert_eq!(checks, all);
        let message = |check: &str| {
            let finding = found.iter().find(|[name, ..]| name == check).unwrap();
            finding[2].as_str()
        };
        let owner = if name.contains("Coder") {
            "Coder's"
        } else {
            "made by prebuildctl init"
        };
        assert_eq!(
            message("schema"),
            format!("{owner}, and every column is known")
        );
        assert_eq!(message("queue"), "no job waits for a provisioner");
        assert_eq!(message("pools"), "1 pool, nothing wrong with it");
        let table = prebuildctl(["doctor"]).on(&database).run();
        assert!(!table.ok().contains("to do:"), "{table:?}");
        // A young queue is no reason for alarm.
        healthy.prebuild(Job::Pending, 60);
        healthy.desire(2);
        let found = examine(&database, &[]);
        assert_eq!(wrong(found.clone()), NOTHING);
        let queue = found.iter().find(|[check, ..]| check == "queue").unwrap();
        assert!(queue[2].starts_with("1 job waits, for 1m"), "{queue:?}");
    }
}

#[test]
fn what_is_wrong_with_pools_is_found_and_nothing_else() {
    /// What is done, and what is found then.
    type Case<'a> = (fn(&Healthy), &'a [[&'a str; 3]]);
    let [one_failed, three_failed, kinds] = [
        "1 failed",
        "3 failed",
        "1 failed, 1 stopped, 1 without a build",
    ]
    .map(|kinds| format!("prebuilt workspaces that no pool counts: {kinds}"));
    let [limited, resting, odd] = ["hard limited", "backing off", "not configured as meant"]
        .map(|what| format!("1 preset {what}: acme/web/pool"));
    let cases: [Case<'_>; 6] = [
        (
            |healthy| {
                healthy.scene.execute(
                    r#"INSERT INTO site_configs (key, value)
                       VALUES ('prebuilds_settings', '{"reconciliation_paused": true}')"#,
                );
            },
            &[["paused", "warning", "reconciliation is paused"]],
        ),
        (
            |healthy| {
                for age in [6900, 7000, 7100] {
                    healthy.prebuild(Job::Failed, age);
                }
            },
            &[
                ["hard_limited", "error", &limited],
                ["leftovers", "warning", &three_failed],
            ],
        ),
        (
            |healthy| {
                healthy.desire(2);
                healthy.prebuild(Job::Failed, 30);
            },
            &[
                ["backing_off", "warning", &resting],
                ["leftovers", "warning", &one_failed],
            ],
        ),
        (
            |healthy| {
                healthy.prebuild(Job::Failed, 7300);
                let stopped = healthy.prebuild(Job::Succeeded, 7300);
                let bare = healthy.prebuild(Job::Pending, 7300);
                healthy.scene.execute(&format!(
                    "UPDATE workspace_builds SET transition = 'stop' WHERE id = '{}';
                     DELETE FROM workspace_builds WHERE id = '{}';
                     DELETE FROM provisioner_jobs WHERE id = '{}'",
                    stopped.build, bare.build, bare.job
                ));
            },
            &[["leftovers", "warning", &kinds]],
        ),
        (
            |healthy| {
                healthy.scene.execute(&format!(
                    "UPDATE workspace_agents SET lifecycle_state = 'starting'
                     WHERE resource_id = '{}'",
                    healthy.workspace.job
                ));
            },
            &[[
                "stuck_agents",
                "warning",
                "1 running for over 30 min without being ready, such as made-1",
            ]],
        ),
        (
            |healthy| {
                healthy.scene.execute(&format!(
                    "INSERT INTO template_version_preset_prebuild_schedules
                        (id, preset_id, cron_expression, desired_instances)
                     VALUES ('{}', '{}', 'no cron', 1);
                     UPDATE template_version_presets SET scheduling_timezone = 'UTC'",
                    id(),
                    healthy.preset
                ));
            },
            &[["configuration", "warning", &odd]],
        ),
    ];
    for (spoil, rows) in cases {
        eprintln!("------ {rows:?}");
        for (_, database) in databases() {
            let healthy = Healthy::new(&database);
            assert_well(&database);
            spoil(&healthy);
            let found = wrong(examine(&database, &["--backoff-interval=10m"]));
            assert_eq!(found, rows);
            let table = prebuildctl(["doctor", "--backoff-interval=10m"])
                .on(&database)
                .run();
            table.expect_code(1);
            assert_eq!(table.stdout.matches("to do:").count(), rows.len());
        }
    }
}

#[test]
fn a_failed_validation_is_found_where_the_release_can_store_it() {
    for (name, database) in databases() {
        if name == "an older Coder's" {
            continue;
        }
        let healthy = Healthy::new(&database);
        healthy
            .scene
            .execute("UPDATE template_version_presets SET prebuild_status = 'validation_failed'");
        let message = "1 preset failing validation: acme/web/pool";
        assert_eq!(
            wrong(examine(&database, &[])),
            [["validation_failed", "error", message]]
        );
    }
}

#[test]
fn only_the_jobs_of_the_prebuilds_user_make_a_queue_old() {
    for (_, database) in databases() {
        let healthy = Healthy::new(&database);
        let (scene, version) = (&healthy.scene, &healthy.version);
        scene.of_person(version, &healthy.preset, Job::Pending, 9000);
        assert_well(&database);
        healthy.desire(3);
        healthy.prebuild(Job::Pending, 20 * 60);
        healthy.prebuild(Job::Pending, 60);
        let found = wrong(examine(&database, &[]));
        let [[check, level, message]] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!([check.as_str(), level], ["queue", "warning"]);
        assert!(
            message.starts_with("2 jobs wait, the oldest for 20m"),
            "{message}"
        );
    }
}

#[test]
fn a_quota_of_zero_under_costs_is_found() {
    for (name, database) in databases() {
        let _healthy = Healthy::new(&database);
        pass(&database, &[]).ok();
        assert_well(&database);
        database.execute("UPDATE workspace_builds SET daily_cost = 5");
        let found = wrong(examine(&database, &[]));
        if !name.contains("Coder") {
            // Nobody keeps accounts there.
            assert_eq!(found, NOTHING);
            continue;
        }
        let [[check, level, message]] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!([check.as_str(), level], ["quota", "warning"]);
        assert!(message.contains("\"acme\""), "{message}");
        assert!(message.contains("coderprebuiltworkspaces"), "{message}");
        database.execute(&format!(
            "UPDATE groups SET quota_allowance = 9 WHERE id IN
             (SELECT group_id FROM group_members WHERE user_id = '{PREBUILDS_USER}')"
        ));
        assert_well(&database);
    }
}

#[test]
fn whoever_holds_the_lock_is_named_and_keeps_nobody_from_reading() {
    for (_, database) in databases() {
        let _healthy = Healthy::new(&database);
        let mut holder = database.session();
        if database.is_sqlite() {
            holder.execute("BEGIN IMMEDIATE");
            assert_well(&database);
            continue;
        }
        let lock = || {
            let found = examine(&database, &[]);
            let finding = found.into_iter().find(|[check, ..]| check == "lock");
            let [_, level, message] = finding.unwrap();
            assert_eq!(level, "ok");
            message
        };
        holder.execute("SET application_name = 'somebody'");
        // Neither another key nor the same one in two halves is the lock.
        holder.execute("SELECT pg_advisory_lock(8); SELECT pg_advisory_lock(0, 7)");
        assert_eq!(lock(), "nobody holds the reconciliation lock");
        holder.execute("SELECT pg_advisory_lock(7)");
        let pid = holder.value("SELECT pg_backend_pid()").unwrap();
        let message = lock();
        let start = format!("held by somebody (pid {pid}) for ");
        assert!(message.starts_with(&start), "{message}");
        holder.execute("SET application_name = ''; BEGIN");
        let message = lock();
        let start = format!("held by a session without a name (pid {pid}) for ");
        assert!(message.starts_with(&start), "{message}");
    }
}

#[test]
fn a_column_that_nobody_can_fill_is_named_and_reading_goes_on() {
    let Some(database) = coder(Coder::Newer) else {
        return;
    };
    let scene = Scene::new(&database);
    let version = scene.template("web");
    scene.preset(&version, "pool", 1);
    let found = examine(&database, &[]);
    let message = "refused: column workspace_builds.placement_pool must be filled, and this \
                   version doesn't know with what";
    assert_eq!(wrong(found.clone()), [["schema", "error", message]]);
    let last = found.last().unwrap();
    assert_eq!(last[2], "1 pool, nothing wrong with it");
}

#[test]
fn a_database_that_can_not_be_opened_ends_in_one_finding_and_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = listener.local_addr().unwrap().port();
    let gone = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = gone.local_addr().unwrap().port();
    drop(gone);
    let dir = TestDir::new();
    let missing = dir.join("none.db");
    let text = dir.write("notes.txt", &"this is not a database, ".repeat(100));
    let mut cases = vec![
        (
            format!("postgres://me:s3cr3t-word@127.0.0.1:{silent}/pools"),
            "no answer within 300ms".to_owned(),
        ),
        (
            format!("postgres://me:s3cr3t-word@127.0.0.1:{nobody}/pools"),
            format!("127.0.0.1:{nobody}"),
        ),
        (
            format!("sqlite:{}", missing.display()),
            "does not exist".to_owned(),
        ),
        (
            format!("sqlite:{}", text.display()),
            "not a database".to_owned(),
        ),
    ];
    let empty = cluster::postgres().map(|cluster| cluster.create_database("empty"));
    if let Some(empty) = &empty {
        cases.push((empty.url.clone(), "it is empty".to_owned()));
    }
    for (url, part) in cases {
        let begun = Instant::now();
        let command = ["doctor", "--connect-timeout=300ms", "--format=json"];
        let output = prebuildctl(command)
            .arg(format!("--database-url={url}"))
            .run();
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?}");
        let found = findings(&output);
        let [[check, level, message]] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!([check.as_str(), level], ["connection", "error"]);
        assert!(message.contains(&part), "{message}");
        assert!(!format!("{output:?}").contains("s3cr3t"), "{output:?}");
    }
    assert!(!missing.exists());
}

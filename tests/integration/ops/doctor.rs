//! `doctor`: what it finds on databases that are well or unwell, and that it writes nothing.

mod coderd;
mod pools;

use std::fs;
use std::net::TcpListener;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::{Job, Scene, Version, Workspace};
use crate::support::{Coder, cluster, coder, databases};

/// A finding: check, level, message.
pub type Found = [String; 3];

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
    for database in databases() {
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
            "people",
            "paused",
            "pools",
            "rendering",
        ];
        if database.is_sqlite() {
            all.retain(|check| !matches!(*check, "clock" | "lock"));
        }
        assert_eq!(checks, all);
        let message = |check: &str| {
            let finding = found.iter().find(|[name, ..]| name == check).unwrap();
            finding[2].as_str()
        };
        let owner = if database.migration().is_some() {
            "Coder's"
        } else {
            "created by prebuildctl init"
        };
        assert_eq!(message("schema"), format!("{owner}; every column is known"));
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
fn whoever_holds_the_lock_is_named_and_keeps_nobody_from_reading() {
    for database in databases() {
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
        assert_eq!(lock(), "the reconciliation lock is free");
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
    let idle = "1 preset is below its target with nothing under way, and no pass has built anything yet: \
                acme/web/pool";
    assert_eq!(
        wrong(found),
        [["schema", "error", message], ["passes", "warning", idle]]
    );
}

/// What is said of a server that accepts a connection and says nothing.
const SILENT: &str = "no answer within 300ms";

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
            SILENT.to_owned(),
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
        // A server that answers may take its time.
        let timeout = if part == SILENT { "300ms" } else { "1m" };
        let output = prebuildctl(["doctor", "--format=json"])
            .arg(format!("--connect-timeout={timeout}"))
            .arg(format!("--database-url={url}"))
            .run();
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

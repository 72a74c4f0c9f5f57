//! The whole pool at once: a loop, a provisioner and a crowd of claimers, on either database.
//!
//! What the claimers were told is recorded with the times at which they asked and heard, and held
//! against the database afterwards. Nothing here depends on how long anything takes.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, Utc};
use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::service::stop;
use crate::support::{both, wait_until};

/// Two pools and two people.
const POOLS: &str = r#"
    [[organizations]]
    name = "acme"
    [[users]]
    username = "ada"
    organizations = ["acme"]
    [[users]]
    username = "grace"
    organizations = ["acme"]
    [[templates]]
    organization = "acme"
    name = "web"
    [[templates.parameters]]
    name = "cores"
    default = "2"
    [[templates.presets]]
    name = "small"
    parameters = { cores = "2" }
    instances = 12
    [[templates.presets]]
    name = "large"
    parameters = { cores = "16" }
    instances = 6
"#;

/// Claimers that start a process for each claim, and such that make batches.
const SINGLES: usize = 12;
const BATCHES: usize = 4;

/// Lines of a batch.
const LINES: usize = 6;

/// How long the claimers go on.
const CROWDED: Duration = Duration::from_secs(4);

/// So many workspaces change hands in any case: more than there are at the beginning.
const AT_LEAST: usize = 24;

/// What a claimer was told.
struct Told {
    name: String,
    /// The workspace; none: it got none.
    workspace: Option<String>,
    asked_at: String,
    heard_at: String,
}

#[expect(
    clippy::disallowed_methods,
    reason = "claims go by the clock, and are held against it"
)]
fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn user(claimer: usize) -> &'static str {
    ["ada", "grace"][claimer % 2]
}

fn preset(request: usize) -> &'static str {
    ["small", "large", "small"][request % 3]
}

/// Whether an answer is that of a file which others kept too long: the only failure there may be.
fn is_busy(message: &str) -> bool {
    message.contains("locked by another process")
}

/// One claim by a process of its own.
fn claim_one(database: &Database, claimer: usize, request: usize) -> Vec<Told> {
    let name = format!("one-{claimer}-{request}");
    let command = ["claim", "--format", "json", "--preset", preset(request)];
    let who = ["--user", user(claimer), "--name", &name];
    let asked_at = now();
    let output = prebuildctl(command.iter().chain(&who)).on(database).run();
    let heard_at = now();
    let workspace = match output.code {
        0 => Some(id(&output.json())),
        4 => None,
        _ if is_busy(&output.stderr) => None,
        _ => panic!("{output:?}"),
    };
    vec![Told {
        name,
        workspace,
        asked_at,
        heard_at,
    }]
}

/// A batch of claims.
fn claim_several(database: &Database, claimer: usize, request: usize) -> Vec<Told> {
    let name = |line: usize| format!("many-{claimer}-{request}-{line}");
    let line = |number: usize| {
        let (preset, user, name) = (preset(number), user(claimer), name(number));
        format!("{{\"preset\":\"{preset}\",\"user\":\"{user}\",\"name\":\"{name}\"}}\n")
    };
    let asked_at = now();
    let output = prebuildctl(["claim", "--batch", "-", "--parallel", "2"])
        .on(database)
        .stdin((0..LINES).map(line).collect::<String>())
        .run();
    let heard_at = now();
    let answers = answers(&output);
    assert_eq!(answers.len(), LINES, "{output:?}");
    let told = |(number, answer): (usize, Value)| {
        let workspace = match answer["status"].as_str() {
            Some("claimed") => Some(id(&answer)),
            Some("none_claimable") => None,
            _ if is_busy(answer["message"].as_str().unwrap_or_default()) => None,
            _ => panic!("{answer}"),
        };
        Told {
            name: name(number),
            workspace,
            asked_at: asked_at.clone(),
            heard_at: heard_at.clone(),
        }
    };
    answers.into_iter().enumerate().map(told).collect()
}

fn id(answer: &Value) -> String {
    answer["workspace_id"].as_str().expect("an id").to_owned()
}

fn answers(output: &Output) -> Vec<Value> {
    let parse = |line| serde_json::from_str(line).expect("JSON");
    output.stdout.lines().map(parse).collect()
}

/// Waits until every pool has all its workspaces, and nothing is left to do.
fn wait_until_full(database: &Database) {
    wait_until("the pools are full", || {
        let plan = prebuildctl(["plan", "--format", "json"])
            .on(database)
            .run()
            .json();
        let mut states = plan["presets"]
            .as_array()
            .expect("presets")
            .iter()
            .map(|it| &it["state"]);
        let full = |state: &Value| {
            state["eligible"] == state["desired"] && state["actual"] == state["desired"]
        };
        plan["has_changes"] == false && states.all(full)
    });
}

/// Lets the claimers loose, and records what they are told.
fn crowd(database: &Database) -> Vec<Told> {
    let history = Mutex::new(Vec::new());
    let claimed = AtomicUsize::new(0);
    let done = AtomicBool::new(false);
    let work = |claimer: usize| {
        for request in 0.. {
            if done.load(Ordering::Relaxed) {
                return;
            }
            let told = if claimer < SINGLES {
                claim_one(database, claimer, request)
            } else {
                claim_several(database, claimer, request)
            };
            let number = told.iter().filter(|told| told.workspace.is_some()).count();
            claimed.fetch_add(number, Ordering::Relaxed);
            history.lock().expect("no claimer has failed").extend(told);
        }
    };
    thread::scope(|scope| {
        let work = &work;
        let claimers: Vec<_> = (0..SINGLES + BATCHES)
            .map(|claimer| scope.spawn(move || work(claimer)))
            .collect();
        let begun = Instant::now();
        let enough = || claimed.load(Ordering::Relaxed) >= AT_LEAST;
        let failed = || claimers.iter().any(thread::ScopedJoinHandle::is_finished);
        while !failed()
            && begun.elapsed() < 10 * CROWDED
            && (begun.elapsed() < CROWDED || !enough())
        {
            thread::sleep(Duration::from_millis(20));
        }
        done.store(true, Ordering::Relaxed);
    });
    history.into_inner().expect("no claimer has failed")
}

/// Holds what the claimers were told against the database.
fn check(database: &Database, history: &[Told]) {
    let rows = database.rows(
        "SELECT w.id, w.name, b.created_at, f.completed_at,
                (SELECT count(*) FROM workspace_builds AS n WHERE n.workspace_id = w.id)
         FROM workspaces AS w
         JOIN users AS u ON u.id = w.owner_id
         JOIN workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = 2
         JOIN workspace_builds AS a ON a.workspace_id = w.id AND a.build_number = 1
         JOIN provisioner_jobs AS f ON f.id = a.job_id
         WHERE u.username IN ('ada', 'grace') AND NOT w.deleted",
    );
    let mut given = BTreeMap::new();
    for told in history {
        let Some(workspace) = &told.workspace else {
            continue;
        };
        let before = given.insert(workspace.clone(), told);
        assert!(before.is_none(), "{workspace} was given twice");
    }
    assert_eq!(rows.len(), given.len(), "answers and database differ");
    for row in rows {
        let [id, name, claimed_at, built_at, builds] = row
            .into_iter()
            .map(Option::unwrap_or_default)
            .collect::<Vec<_>>()
            .try_into()
            .expect("five columns");
        let told = given.get(&id).expect("somebody was told of it");
        assert_eq!(told.name, name);
        assert_eq!(builds, "2", "{name}");
        let between = |time: &str| *told.asked_at <= *time && *time <= *told.heard_at;
        assert!(between(&claimed_at), "{name} at {claimed_at}");
        assert!(built_at <= told.heard_at, "{name} was not built yet");
    }
}

#[test]
fn a_crowd_empties_the_pools_and_they_fill_again() {
    both(|database| {
        let dir = TestDir::new();
        let file = dir.write("pools.toml", POOLS);
        prebuildctl(["apply".as_ref(), file.as_os_str()])
            .on(database)
            .run()
            .ok();
        let pass = ["loop", "--interval", "200ms"];
        let passes = prebuildctl(pass).on(database).spawn();
        let simulate = ["provision", "--simulate", "--build-time", "5ms..30ms"];
        let pace = ["--parallel", "8", "--poll-interval", "100ms"];
        let builds = prebuildctl(simulate.iter().chain(&pace))
            .on(database)
            .spawn();
        wait_until_full(database);
        let history = crowd(database);
        let claimed = history.iter().filter(|told| told.workspace.is_some());
        assert!(claimed.count() >= AT_LEAST);
        wait_until_full(database);
        stop(passes);
        stop(builds);
        check(database, &history);
        prebuildctl(["plan", "--detailed-exitcode"])
            .on(database)
            .run()
            .ok();
    });
}

//! What tests of a running loop need: pools, the lock in other hands, the running binary and what it
//! serves.
//!
//! Waits for conditions, never for times.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::database::{Database, Session};
use super::process::{Output, Running, TestDir, prebuildctl};
use super::scene::Scene;
use super::{both, coder_releases, postgres, wait_until};

/// The number of workspaces, deleted or not.
pub const WORKSPACES: &str = "SELECT count(*) FROM workspaces";

/// Runs the test body on databases of every kind that have one pool of two workspaces.
pub fn with_pool(body: impl Fn(&Database)) {
    with_declared_pool(&body);
    for database in coders_with_pool() {
        eprintln!("--- on a database of Coder");
        body(&database);
    }
}

/// As [`with_pool`], on databases of our own alone, where the pool is declared.
pub fn with_declared_pool(body: impl Fn(&Database)) {
    both(|database| {
        declare(&database.url, 2);
        body(database);
    });
}

/// PostgreSQL databases of every kind with the same pool; none without PostgreSQL.
pub fn postgres_with_pool() -> Vec<Database> {
    let own = postgres().inspect(|database| declare(&database.url, 2));
    own.into_iter().chain(coders_with_pool()).collect()
}

/// Stand-ins for databases of Coder with the same pool.
fn coders_with_pool() -> impl Iterator<Item = Database> {
    coder_releases().map(|(_, database)| {
        let scene = Scene::new(&database);
        scene.preset(&scene.template("web"), "small", 2);
        database
    })
}

/// Declares the pool acme/web/small.
pub fn declare(url: &str, instances: u32) {
    let dir = TestDir::new();
    let file = dir.write(
        "pools.toml",
        &format!(
            "[[organizations]]\nname = \"acme\"\n\
             [[templates]]\norganization = \"acme\"\nname = \"web\"\n\
             [[templates.presets]]\nname = \"small\"\ninstances = {instances}\n"
        ),
    );
    let file = file.to_str().expect("a plain path");
    prebuildctl(["apply", file, "--database-url", url])
        .run()
        .ok();
}

/// Starts a loop that runs no pass by itself for an hour after the first.
pub fn start_loop(url: &str, arguments: &[&str]) -> Running {
    let command = ["loop", "--interval", "1h", "--database-url", url];
    prebuildctl(command.iter().chain(arguments)).spawn()
}

/// Ends a loop politely.
#[track_caller]
pub fn stop(running: Running) -> Output {
    running.signal("TERM");
    let output = running.wait();
    output.expect_code(0);
    output
}

/// Takes the reconciliation lock, which goes with the session.
pub fn hold_lock(database: &Database) -> Session {
    let mut session = database.session();
    session.execute(if database.is_sqlite() {
        "BEGIN IMMEDIATE"
    } else {
        "SELECT pg_advisory_lock(7)"
    });
    session
}

/// Waits until there are so many workspaces.
#[track_caller]
pub fn until_workspaces(database: &Database, number: i64) {
    wait_until(&format!("there are {number} workspaces"), || {
        database.count(WORKSPACES) == number
    });
}

/// Where the loop serves.
pub fn address(running: &Running) -> String {
    let log = running.await_stderr("serving metrics");
    let (_, rest) = log.split_once("address=").expect("an address");
    rest.split_whitespace().next().unwrap().to_owned()
}

/// Status and body of an answer.
pub fn get(address: &str, path: &str) -> (u16, String) {
    let mut stream = TcpStream::connect(address).unwrap();
    // The patience of a probe.
    let patience = Some(Duration::from_secs(5));
    stream.set_read_timeout(patience).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    if path == "/metrics" {
        let kind = "content-type: text/plain; version=0.0.4";
        assert!(head.contains(kind), "{head}");
    }
    (status.parse().unwrap(), body.to_owned())
}

/// The value of a sample.
pub fn sample(text: &str, name: &str) -> Option<f64> {
    text.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok())
}

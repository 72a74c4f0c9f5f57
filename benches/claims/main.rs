//! How many claims a second `claim --batch` makes while a loop refills the pools.
//!
//! `cargo bench --bench claims` starts a private PostgreSQL server, or uses that of
//! `PREBUILDCTL_BENCH_POSTGRES_URL` (a superuser's URL), fills a database of its own with 20,000
//! ready workspaces of five presets, and runs the release binary as an operator would, connections
//! and start-up included: a batch of 20,000 requests, and beside it a `loop` that every claim wakes.
//! Prints figures and judges nothing but that every request was met.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking and tells its figures on standard output"
)]

#[allow(dead_code, reason = "the tests' tool box, of which this needs a part")]
#[path = "../../tests/support/mod.rs"]
mod support;

use std::fmt::Write as _;
use std::time::Instant;

use support::database::Database;
use support::process::prebuildctl;
use support::scene::claims::{self, ACTIVE, Prebuilt, add_preset};

const REQUESTS: u64 = 20_000;
const PRESETS: u64 = 5;
const FIRST_PRESET: u64 = 101;

fn main() {
    // Cargo's own flag, and those of other benchmark harnesses, mean nothing here; arguments after
    // `--` without a hyphen are numbers of sessions to try.
    let sessions: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument.parse::<u8>().is_ok())
        .collect();
    let sessions = if sessions.is_empty() {
        vec!["8".to_owned()]
    } else {
        sessions
    };
    for sessions in sessions {
        let Some(database) = claims::postgres() else {
            return;
        };
        fill(&database);
        measure(&database, &sessions);
    }
}

/// Five presets with their pools full but for one workspace each, which the loop makes first.
fn fill(database: &Database) {
    let mut session = database.session();
    let mut sql = String::from("BEGIN;");
    for preset in FIRST_PRESET..FIRST_PRESET + PRESETS {
        let instances = (REQUESTS / PRESETS + 1).to_string();
        let name = format!("preset-{preset}");
        add_preset(
            &mut sql,
            preset,
            ACTIVE,
            &name,
            &instances,
            &[("cores", "2")],
        );
    }
    for number in 0..REQUESTS {
        let preset = FIRST_PRESET + number % PRESETS;
        Prebuilt::new(10_000 + number, preset).write(&mut sql, database);
    }
    sql.push_str("COMMIT; ANALYZE");
    session.execute(&sql);
}

fn measure(database: &Database, sessions: &str) {
    let mut lines = String::new();
    for number in 0..REQUESTS {
        let preset = FIRST_PRESET + number % PRESETS;
        writeln!(
            lines,
            r#"{{"preset":"backend/preset-{preset}","user":"ada","name":"box-{number}","key":"{number}"}}"#
        )
        .unwrap();
    }
    let refilling = prebuildctl(["loop"]).on(database).spawn();
    refilling.await_stderr("pass ended");
    let started = Instant::now();
    let output = prebuildctl(["claim", "--batch", "-", "--parallel", sessions])
        .on(database)
        .stdin(lines)
        .run();
    let seconds = started.elapsed().as_secs_f64();
    refilling.signal("TERM");
    let passes = refilling.wait();
    let passes = passes.expect_code(0).stderr.matches("created=").count();
    let claimed = output.ok().matches(r#""status":"claimed""#).count();
    assert_eq!(claimed as u64, REQUESTS, "{}", output.stderr);
    let created = database.count("SELECT count(*) FROM workspaces") - REQUESTS.cast_signed();
    println!(
        "{sessions} sessions: {claimed} claims in {seconds:.2} s, {:.0} a second; meanwhile \
         {passes} passes created {created} workspaces",
        claimed as f64 / seconds
    );
}

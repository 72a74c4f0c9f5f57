//! Storms of new seeds each time, on both databases. `tests/storm/mod.rs` says what a storm is.
//!
//! The base seed is printed, passing or not, and `STORM_SEED` sets it; `STORM_SEEDS` and `STORM_STEPS`
//! say how many there are and how long. Long runs: `cargo run --release --example storm`.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking and explains itself on standard error"
)]

#[path = "storm/mod.rs"]
mod storm;
#[allow(dead_code, reason = "the tests' tool box, of which this needs a part")]
mod support;

use std::io::Write as _;
use std::time::Instant;

use storm::Storm;
use storm::script::{Drill, Fault, Kind, WRITING};

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Storms of consecutive seeds, on the kinds of database in turn; in each drill, if there are any. What
/// `counted` names must have happened.
fn rage(kinds: &[Kind], seeds: u64, steps: u64, drills: &[Option<Drill>], counted: Vec<String>) {
    let base = number("STORM_SEED").unwrap_or_else(|| fastrand::u64(..1 << 40));
    let seeds = number("STORM_SEEDS").unwrap_or(seeds);
    let steps = number("STORM_STEPS").unwrap_or(steps);
    let storm = |seed, drill| Storm {
        kind: storm::kind(kinds, seed, drill),
        seed,
        steps: usize::try_from(steps).unwrap(),
        hosts: false,
        drill,
        only: None,
    };
    let storms: Vec<Storm> = (base..base + seeds)
        .flat_map(|seed| drills.iter().map(move |drill| storm(seed, *drill)))
        .collect();
    // Beforehand, for a run that hangs.
    eprintln!("STORM_SEED={base}");
    let begun = Instant::now();
    let Some((tally, failures)) = storm::rage(&storms, 2, usize::MAX, &|line| eprintln!("{line}"))
    else {
        let required = std::env::var("PREBUILDCTL_TEST_REQUIRE_POSTGRES").is_ok_and(|it| it == "1");
        assert!(!required, "no PostgreSQL here, and it is required");
        eprintln!("skipped: no PostgreSQL here");
        return;
    };
    // Not by a macro, whose output is kept back where tests pass.
    let seconds = begun.elapsed().as_secs();
    let told =
        format!("storm on {kinds:?}: STORM_SEED={base}, {steps} steps, {seconds} s; {tally}\n");
    std::io::stderr()
        .write_all(told.as_bytes())
        .expect("standard error");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // A replay is of whatever happened.
    let is_replay = number("STORM_SEEDS").or(number("STORM_STEPS")).is_some();
    let missing = tally.missing(counted);
    assert!(
        missing.is_empty() || is_replay,
        "{missing:?} never happened: this proves nothing"
    );
}

#[test]
fn pools_survive_storms_on_sqlite() {
    let kinds = [Kind::Sqlite];
    rage(&kinds, 200, 16, &[None], Fault::counted(kinds[0]));
}

#[test]
fn pools_survive_storms_on_postgres() {
    let kinds = [Kind::Postgres, Kind::Coder];
    rage(&kinds, 50, 24, &[None], Fault::counted(kinds[0]));
}

#[test]
fn every_command_that_writes_survives_kills_and_cuts() {
    let drills = WRITING.iter().flat_map(|program| {
        [false, true].map(|cuts| Drill {
            program: *program,
            cuts,
        })
    });
    let drills: Vec<Drill> = drills.collect();
    let counted = drills.iter().map(|drill| drill.counted()).collect();
    let drills: Vec<Option<Drill>> = drills.into_iter().map(Some).collect();
    rage(&[Kind::Postgres, Kind::Coder], 2, 24, &drills, counted);
}

//! The integration tests: one binary, a module for each subject.
//!
//! Tests here go through the binary or through the library's public interface, on databases of
//! their own. They must not need anything that is not in the repository, apart from a PostgreSQL
//! installation, without which the tests that want one say so and pass.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "a test fails by panicking and explains itself on standard error"
)]

#[allow(
    dead_code,
    reason = "a tool box: not every tool is in use at every time"
)]
#[path = "../support/mod.rs"]
mod support;

mod approved;
mod bad_input;
mod blocked;
mod build_timings;
mod claim;
mod claim_batch;
mod claim_crowds;
mod claim_races;
mod claim_refusals;
mod claim_sessions;
mod cleanup;
mod cleanup_crowds;
mod coder_builds;
mod coder_combinations;
mod coder_refusals;
mod convergence;
mod databases;
mod demo;
mod doctor;
mod examples;
mod explain;
mod invalidate;
mod invariants;
mod kill;
mod large;
mod limits;
mod membership;
mod metrics;
mod passes;
mod pause;
mod pool_life;
mod pooler;
mod provision;
mod reconcile;
mod roles;
mod run_loop;
mod schema;
mod servers;
mod snapshot;
mod statements;
mod support_tests;
mod terminal;
mod timetable;
mod turns;
mod what_if;

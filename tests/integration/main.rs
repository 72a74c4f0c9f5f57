//! The integration tests: one binary, a folder for each subject.
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

mod claim {
    mod batch;
    mod crowds;
    mod lost_sessions;
    mod races;
    mod refusals;
    mod rows;
}
mod cli {
    mod bad_input;
    mod examples;
    mod terminal;
}
mod coder {
    mod builds;
    mod combinations;
    mod refusals;
}
mod ops {
    mod build_timings;
    pub mod cleanup;
    pub mod doctor;
    mod invalidate;
    pub mod metrics;
    mod pause;
}
mod own {
    mod demo;
    mod pool_life;
    mod provision;
}
mod plan {
    mod explain;
    mod schema;
    mod snapshot;
    mod timetable;
    mod what_if;
}
mod reconcile {
    mod approved;
    mod blocked;
    mod failures;
    mod invariants;
    mod killed;
    mod limits;
    mod lock;
    mod membership;
    pub mod rows;
    mod run_loop;
    mod settling;
    pub mod statements;
}
mod store {
    mod pooler;
    mod roles;
    mod servers;
    mod two_sessions;
    pub mod unusable;
}
mod support_tests;

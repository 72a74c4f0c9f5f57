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

mod claim;
mod cli;
mod coder;
mod layers;
mod ops;
mod own;
mod plan;
mod reconcile;
mod render;
mod store;
mod support_tests;

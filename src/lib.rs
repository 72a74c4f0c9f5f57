//! Keeps pools of prebuilt workspaces at their desired size.
//!
//! ```text
//!           read                plan                  act
//!  store ─────────▶ Snapshot ─────────▶ Plan ─────────▶ executor ──▶ store
//!  (postgres,       (what is)   actions  (what to do,            (one atomic
//!   sqlite)                     PURE     and why)                 transaction)
//! ```
//!
//! Each room is one file of its name, which says what it is and shows what others may use. Imports
//! run one way, from the top of this table to its bottom, and no files import each other in a
//! circle; a test holds both.
//!
//! | room | what it is |
//! |---|---|
//! | [`commands`] | the parser and the subcommands: arguments, then behaviour |
//! | [`cli`] | what commands have in common: flags, context, output, exit codes |
//! | [`render`] | finished data as tables and sentences |
//! | [`provision`] | a worker that runs the build jobs of a database of our own |
//! | [`reconcile`] | one pass: lock, read, plan, check, act, commit |
//! | [`metrics`] | the numbers of pools, passes and builds for Prometheus |
//! | [`service`] | programs that run for long: when to run again, signals, systemd |
//! | [`claim`] | one workspace to one person, whole or not at all |
//! | [`error`] | failures as people read them |
//! | [`store`] | the only door to both databases |
//! | [`declaration`] | pools declared in a file, and what is different from those stored |
//! | [`builds`] | what a new build holds: parameters, tags, preset |
//! | [`template`] | a template with dynamic parameters, rendered from its source |
//! | [`actions`] | what to do about every pool, and every other calculation |
//! | [`clock`] | the only reader of the clock |
//! | [`model`] | plain data and words that every room may know |
//!
//! 1. `model` imports nothing of the crate; `actions`, `template`, `builds` and `declaration` import only each
//!    other downwards and `model`, never `store`, `tokio`, `sqlx` or `clap`.
//! 2. `store` imports `model` and the plain types of the pure rooms.
//! 3. `render` is imported by `commands` and `cli` only.
//! 4. `cli` never imports `commands`.

#![warn(unreachable_pub)]

mod actions;
mod builds;
mod claim;
mod cli;
mod clock;
mod commands;
mod declaration;
mod error;
mod metrics;
mod model;
mod provision;
mod reconcile;
mod render;
mod service;
mod store;
mod template;

pub use cli::{FAILED, REFUSED, USAGE, exit_code};
pub use commands::{Cli, run};
pub use error::explain;
pub use model::document::{read_plan, read_snapshot};
pub use service::signals::unless_signalled;

//! Keeps pools of prebuilt workspaces at their desired size.
//!
//! ```text
//!           read                plan                  act
//!  store ─────────▶ Snapshot ─────────▶ Plan ─────────▶ executor ──▶ store
//!  (postgres,       (what is)   actions  (what to do,            (one atomic
//!   sqlite)                     PURE     and why)                 transaction)
//! ```

pub mod actions;
pub mod backoff;
pub mod builds;
pub mod claim;
pub mod cleanup;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod declaration;
pub mod document;
pub mod driver;
pub mod error;
pub mod executor;
pub mod facts;
pub mod files;
pub mod forecast;
pub mod health;
pub mod invalidation;
pub mod logging;
pub mod metrics;
pub mod model;
pub mod output;
pub mod parameters;
pub mod progress;
pub mod provision;
pub mod quota;
pub mod reconcile;
pub mod render;
pub mod signals;
pub mod store;
pub mod systemd;
pub mod what_if;
pub mod workspace_tags;

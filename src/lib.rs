//! Keeps pools of prebuilt workspaces at their desired size.
//!
//! ```text
//!           read                plan                  act
//!  store ─────────▶ Snapshot ─────────▶ Plan ─────────▶ executor ──▶ store
//!  (postgres,       (what is)   actions  (what to do,            (one atomic
//!   sqlite)                     PURE     and why)                 transaction)
//! ```
//!
//! | modules | what they are |
//! |---|---|
//! | [`model`], [`actions`], [`facts`], [`what_if`] | pure: what is, what to do, what would be |
//! | [`builds`], [`parameters`], [`workspace_tags`] | pure: what a build's rows hold |
//! | [`store`] | the only door to both databases |
//! | [`reconcile`], [`executor`], [`claim`], [`cleanup`], [`invalidation`], [`provision`] | the work, a module a kind |
//! | [`driver`], [`backoff`], [`signals`], [`systemd`], [`metrics`] | what runs for long |
//! | [`declaration`], [`document`], [`files`] | what is read from files and written to them |
//! | [`cli`], [`commands`], [`output`], [`render`], [`progress`], [`logging`] | the command line and what it shows |

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

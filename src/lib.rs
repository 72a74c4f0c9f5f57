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

pub use cli::{FAILED, REFUSED, USAGE, exit_code};
pub use commands::{Cli, run};
pub use error::explain;
pub use model::document::{read_plan, read_snapshot};
pub use service::signals::unless_signalled;

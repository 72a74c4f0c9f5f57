#![doc = include_str!("../ARCHITECTURE.md")]
#![warn(unreachable_pub)]

mod actions;
mod builds;
mod claim;
mod cli;
mod clock;
mod commands;
mod declaration;
mod demand;
mod error;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod life;
mod metrics;
mod model;
mod provision;
mod reconcile;
mod render;
mod service;
mod store;
mod template;

pub use cli::{FAILED, REFUSED, USAGE, exit_code};
pub use commands::{Cli, complete, run};
pub use error::explain;
pub use model::document::{read_plan, read_snapshot};
pub use service::limits::{check_open_files, survive_file_size_limit};
pub use service::signals::unless_signalled;
pub use store::postgres_text;

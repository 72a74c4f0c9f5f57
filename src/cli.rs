//! What the commands have in common: flags, the context they run in, snapshots, output, progress, log
//! lines, files and exit codes.
//!
//! Knows no command: [`crate::commands`] holds the parser and dispatches.

mod actor;
mod args;
mod context;
mod database;
mod exit;
pub(crate) mod files;
pub(crate) mod logging;
mod outlook;
mod output;
mod owner;
mod pager;
pub(crate) mod profile;
mod progress;
pub(crate) mod reading;
pub(crate) mod watch;
mod workspace;

pub(crate) use actor::actor;
pub(crate) use args::{
    BackOffArgs, FilterArgs, Format, GlobalArgs, LockArgs, LogFormat, RowArgs, TuningArgs,
    WaitArgs, end_of, parameters, parse_delta, parse_desired, parse_duration, parse_parameter,
    parse_past, parse_promotion, parse_time,
};
pub(crate) use context::Context;
pub(crate) use exit::{BUILD_REFUSED, HAS_CHANGES, LOCKED, NOT_READY, NOTHING_TO_CLAIM, PARTIAL};
pub use exit::{FAILED, REFUSED, USAGE, exit_code};
pub(crate) use outlook::Outlook;
pub(crate) use output::Output;
pub(crate) use owner::owner;
pub(crate) use profile::Profile;
pub(crate) use progress::Progress;
pub(crate) use workspace::find_workspace;

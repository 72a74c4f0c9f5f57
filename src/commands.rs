//! The subcommands, one to a file: arguments first, then behaviour.

pub(crate) mod apply;
pub(crate) mod claim;
pub(crate) mod cleanup;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod generate;
pub(crate) mod init;
pub(crate) mod invalidate;
pub(crate) mod pause;
pub(crate) mod plan;
pub(crate) mod provision;
pub(crate) mod reconcile;
pub(crate) mod reset_limit;
pub(crate) mod run_loop;
pub(crate) mod schema;
pub(crate) mod snapshot;

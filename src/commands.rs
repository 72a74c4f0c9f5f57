//! The subcommands, one to a file: arguments first, then behaviour.

pub mod apply;
pub mod claim;
pub mod cleanup;
pub mod demo;
pub mod doctor;
pub mod generate;
pub mod init;
pub mod invalidate;
pub mod pause;
pub mod plan;
pub mod provision;
pub mod reconcile;
pub mod reset_limit;
pub mod run_loop;
pub mod schema;
pub mod snapshot;

//! The subcommands, one to a file: arguments first, then behaviour.

pub mod apply;
pub mod claim;
pub mod demo;
pub mod doctor;
pub mod generate;
pub mod init;
pub mod pause;
pub mod plan;
pub mod provision;
pub mod reconcile;
pub mod run_loop;
pub mod snapshot;

//! `init`: the schema in an empty database.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::cli::Context;

/// Create the schema in an empty database, or bring it up to date
///
/// Makes the embedded database when there is none. A database that Coder manages, or that holds
/// anything else, is refused.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {}

/// Runs the command.
pub(crate) async fn run(context: &Context, _args: InitArgs) -> Result<ExitCode> {
    let store = context.store()?;
    let message = if store.init().await? {
        "is ready"
    } else {
        "was ready already"
    };
    context
        .output
        .status(&format!("{} {message}.", store.target()));
    Ok(ExitCode::SUCCESS)
}

//! `export`: the pools of a database as a file for `apply`.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Args;

use crate::cli::Context;
use crate::declaration;

/// Write what a database declares as a file for apply
///
/// Of a database created by prebuildctl all of it: applied there, the file changes nothing. Of Coder's the
/// organizations, parameters, presets and schedules of templates with pools, without people and without
/// the templates' sources: a start for a database of your own.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {}

pub(crate) async fn run(context: &Context) -> Result<ExitCode> {
    let mut reader = context.store()?.open_reader().await?;
    let stored = reader.read_declared().await?;
    reader.close().await;
    let text = declaration::export(&stored)
        .map_err(|problem| anyhow!("the pools can't be written as TOML: {problem}"))?;
    context.output.data(&text)?;
    Ok(ExitCode::SUCCESS)
}

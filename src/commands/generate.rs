//! `completions` and `man`: files generated from the command line's own definition.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use crate::cli::{Cli, Context};

/// Print the completion script of a shell
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Write the manual pages to a folder
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Folder for the pages; made when it is missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Runs `completions`.
pub(crate) fn completions(context: &Context, args: &CompletionsArgs) -> Result<ExitCode> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "prebuildctl", &mut script);
    context.output.data(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `man`.
pub(crate) fn man(context: &Context, args: &ManArgs) -> Result<ExitCode> {
    let folder = &args.folder;
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
        .with_context(|| format!("can't write the manual pages to {folder:?}"))?;
    context
        .output
        .status(&format!("The manual pages are in {folder:?}."));
    Ok(ExitCode::SUCCESS)
}

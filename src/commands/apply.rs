//! `apply` and `init`: a database of our own holds what a file declares, or just the schema.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;

use crate::cli::files::{self, Input};
use crate::cli::{Context, Format};
use crate::model::document::to_json;
use crate::{clock, declaration};

/// Declare organizations, users, templates and presets in a TOML file
///
/// For the embedded database, which is made when there is none, and for a PostgreSQL database made
/// by init. A changed template gets a new version, which becomes the active one; a file that is
/// applied again changes nothing; what the file doesn't mention is left alone. A mistake in the file
/// is shown with line and column, and nothing is written.
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The file (- for standard input)
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Create the schema in an empty database, or bring it up to date
///
/// Makes the embedded database when there is none. A database that Coder manages, or that holds
/// anything else, is refused.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {}

/// Runs `apply`.
pub(crate) async fn run(context: &Context, args: ApplyArgs) -> Result<ExitCode> {
    let Input { bytes, name } = files::read(&args.file).await?;
    let text = String::from_utf8(bytes).with_context(|| format!("can't read {name}"))?;
    let declaration = declaration::parse(&text)
        .with_context(|| format!("{name} is not understood; nothing was written"))?;
    for warning in declaration::warnings(&declaration) {
        context.output.warning(&warning);
    }
    let mut session = context.store()?.open_declarer(clock::now()).await?;
    let stored = session.read().await?;
    let changes = declaration::changes(&declaration, &stored);
    session.write(&changes).await?;
    session.commit().await?;
    let lines: Vec<String> = changes.into_iter().map(|change| change.summary).collect();
    context.output.data(&match context.output.format {
        Format::Json => to_json(&serde_json::json!({ "version": 1, "changes": lines })),
        Format::Table if lines.is_empty() => {
            "Nothing to change: the database holds what the file declares.\n".to_owned()
        }
        Format::Table => lines.iter().map(|line| format!("{line}\n")).collect(),
    })?;
    Ok(ExitCode::SUCCESS)
}

/// Runs `init`.
pub(crate) async fn init(context: &Context) -> Result<ExitCode> {
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

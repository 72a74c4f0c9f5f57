//! `apply` and `init`: bring a database of one's own in line with a file, or create its schema.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use serde::Serialize;

use crate::cli::Context;
use crate::cli::files::{self, Input, MAX_DECLARATION};
use crate::declaration;
use crate::model::FormatVersion;
use crate::render::View;

/// Declare organizations, users, templates and presets in a TOML file
///
/// For a database created by prebuildctl; creates the embedded one if there is none. A template that
/// changes gets a new active version. Applying a file again changes nothing, and what the file doesn't
/// mention is left alone. If the file has mistakes, they are shown with line and column, and nothing
/// is written.
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Create the schema in an empty database, or update it
///
/// Creates the embedded database if there is none. Refuses a database that Coder manages or that
/// contains anything else.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {}

/// The document of `apply`, version 1.
#[derive(Serialize)]
struct Applied {
    version: FormatVersion,
    /// A line for each change.
    changes: Vec<String>,
}

pub(crate) async fn run(context: &Context, args: ApplyArgs) -> Result<ExitCode> {
    let Input { bytes, name } = files::read(&args.file, MAX_DECLARATION).await?;
    let text = String::from_utf8(bytes).with_context(|| format!("can't read {name}"))?;
    let declaration = declaration::parse(&text)
        .with_context(|| format!("{name} is not understood; nothing was written"))?;
    for warning in declaration::warnings(&declaration) {
        context.output.warning(&warning);
    }
    let mut session = context.store()?.open_declarer().await?;
    let stored = session.read().await?;
    let changes = declaration::changes(&declaration, &stored);
    session.write(&changes).await?;
    session.commit().await?;
    let changes = changes.into_iter().map(|change| change.summary);
    let applied = Applied {
        version: FormatVersion,
        changes: changes.collect(),
    };
    context.output.report(&applied, |_| {
        View::of(match applied.changes.join("\n") {
            lines if lines.is_empty() => {
                "Nothing to change: the database matches the file.\n".to_owned()
            }
            lines => lines + "\n",
        })
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) async fn init(context: &Context) -> Result<ExitCode> {
    let store = context.store()?;
    let message = if store.init().await? {
        "is ready"
    } else {
        "was already ready"
    };
    context
        .output
        .status(&format!("{} {message}.", store.target()));
    Ok(ExitCode::SUCCESS)
}

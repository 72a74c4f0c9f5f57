//! `completions` and `schema`: files generated from the program's own definitions.
//!
//! Needs no database.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};
use clap_complete::Shell;

use super::completion;
use crate::cli::Context;
use crate::model::schema;

/// Print the completion script for a shell
///
/// Names of presets, templates, organizations and users are completed too, from the database of the line.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Print the JSON Schema of a document
///
/// Draft 2020-12, as strict as prebuildctl reads documents: unknown keys are refused.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// The document
    #[arg(value_enum)]
    document: Document,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Document {
    /// What snapshot --format json writes and plan --snapshot reads.
    Snapshot,
    /// What plan --format json and --out write, and reconcile-once --plan reads.
    Plan,
    /// What reconcile-once --format json writes.
    Report,
    /// What render --format json writes.
    Render,
}

impl Document {
    fn schema(self) -> String {
        match self {
            Self::Snapshot => schema::snapshot(),
            Self::Plan => schema::plan(),
            Self::Report => schema::report(),
            Self::Render => schema::render(),
        }
    }
}

pub(crate) fn completions(context: &Context, args: &CompletionsArgs) -> Result<ExitCode> {
    context.output.data(&completion::script(args.shell)?)?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn schema(context: &Context, args: &SchemaArgs) -> Result<ExitCode> {
    context.output.data(&args.document.schema())?;
    Ok(ExitCode::SUCCESS)
}

//! `schema`: what programs can rely on in the documents that this tool writes and reads.
//!
//! Prints the schemas as they are, and needs no database. What a document holds is decided by
//! [`crate::model`] and [`crate::render::report`]; tests hold the schemas to it.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::cli::Context;

/// Print the JSON Schema of a document
///
/// Draft 2020-12, and as strict as reading is: keys that it doesn't name are refused.
#[derive(Debug, Args)]
pub(crate) struct SchemaArgs {
    /// Which document
    #[arg(value_enum)]
    document: Document,
}

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Document {
    /// What snapshot --format json writes and plan --snapshot reads.
    Snapshot,
    /// What plan --format json and --out write, and reconcile-once --plan reads.
    Plan,
    /// What reconcile-once --format json writes.
    Report,
}

impl Document {
    fn schema(self) -> &'static str {
        match self {
            Self::Snapshot => include_str!("../schemas/snapshot.json"),
            Self::Plan => include_str!("../schemas/plan.json"),
            Self::Report => include_str!("../schemas/report.json"),
        }
    }
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &SchemaArgs) -> Result<ExitCode> {
    context.output.data(args.document.schema())?;
    Ok(ExitCode::SUCCESS)
}

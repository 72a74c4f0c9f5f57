//! `snapshot`: the state of all pools.
//!
//! Reads only, on a session that can't write.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::cli::reading::read;
use crate::cli::{Context, FilterArgs, Format, TuningArgs, parse_time};
use crate::model::Time;
use crate::model::document::to_json;
use crate::{actions, clock, render};

/// Show the state of all pools
///
/// Reads everything as of one moment and changes nothing. The table has a row per preset; --format
/// json writes the snapshot document, which plan --snapshot reads.
#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    /// The instant that the snapshot stands for; it decides which failures are recent
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Time>,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: SnapshotArgs) -> Result<ExitCode> {
    let now = args.at.unwrap_or_else(clock::now);
    let settings = args.tuning.snapshot_settings();
    let selection = args.filter.selection();
    let reading = read(context, now, &settings, &selection).await?;
    let snapshot = reading.snapshot;
    let text = match context.output.format {
        Format::Json => to_json(&snapshot),
        Format::Table => {
            let plan = actions::plan(&snapshot, &args.tuning.plan_settings(), now);
            let style = context.output.style();
            let table = render::snapshot::table(&snapshot, &plan, style);
            let mut warnings = render::replacements::warnings(&plan, &reading.replacements);
            for warning in reading.warnings {
                warnings.push_str(&format!("Warning: {warning}.\n"));
            }
            table + &render::below(style, &warnings)
        }
    };
    context.output.data(&text)?;
    Ok(ExitCode::SUCCESS)
}

//! `snapshot`: the state of all pools.
//!
//! Reads only, on a session that can't write.

use std::process::ExitCode;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;

use crate::actions;
use crate::actions::select::select;
use crate::cli::{Context, FilterArgs, TuningArgs, parse_time};
use crate::clock;
use crate::document::to_json;
use crate::facts::SnapshotSettings;
use crate::model::{Snapshot, Time};
use crate::output::Format;
use crate::render;

/// Long enough to see a template that slows claims down, short enough that a mended one falls
/// silent.
const REPLACEMENTS_WITHIN: TimeDelta = TimeDelta::days(30);

/// Show the state of all pools
///
/// Reads everything as of one moment and changes nothing. The table has a row per preset; --format
/// json writes the snapshot document, which plan --snapshot reads.
#[derive(Debug, Args)]
pub struct SnapshotArgs {
    /// The instant that the snapshot stands for; it decides which failures are recent
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Time>,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

/// Runs the command.
pub async fn run(context: &Context, args: SnapshotArgs) -> Result<ExitCode> {
    let now = args.at.unwrap_or_else(clock::now);
    let mut reader = context.store()?.open_reader().await?;
    let facts = reader.read_facts().await?;
    let replacements = match context.output.format {
        Format::Json => Vec::new(),
        Format::Table => reader.recent_replacements(days_before(now)).await?,
    };
    reader.close().await;
    let snapshot = facts.into_snapshot(now, &args.tuning.snapshot_settings());
    let snapshot = select(snapshot, &args.filter.selection())?;
    let text = match context.output.format {
        Format::Json => to_json(&snapshot),
        Format::Table => {
            let plan = actions::plan(&snapshot, &args.tuning.plan_settings(), now);
            let table = render::snapshot::table(&snapshot, &plan, context.output.style());
            let warnings = render::replacements::warnings(&plan, &replacements);
            format!("{table}{warnings}")
        }
    };
    context.output.data(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// The beginning of the time in which replaced resources are worth a warning.
fn days_before(now: Time) -> Time {
    now.checked_sub_signed(REPLACEMENTS_WITHIN).unwrap_or(now)
}

/// Takes a snapshot of the database in a session of its own.
pub(crate) async fn read(
    context: &Context,
    now: Time,
    settings: &SnapshotSettings,
) -> Result<Snapshot> {
    let mut reader = context.store()?.open_reader().await?;
    let facts = reader.read_facts().await?;
    reader.close().await;
    Ok(facts.into_snapshot(now, settings))
}

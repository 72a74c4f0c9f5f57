//! `snapshot`: the state of all pools.
//!
//! Reads only, on a session that can't write.

use std::process::ExitCode;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;

use crate::actions::{self, health};
use crate::cli::{Context, FilterArgs, Format, TuningArgs, parse_time};
use crate::model::document::to_json;
use crate::model::names::{Selection, select};
use crate::model::settings::Tuning;
use crate::model::{Snapshot, Time};
use crate::store::{Reader, Replacement};
use crate::{clock, render};

/// Long enough to see a template that slows claims down, short enough that a mended one falls
/// silent.
const REPLACEMENTS_WITHIN: TimeDelta = TimeDelta::days(30);

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
    let tuning = args.tuning.tuning();
    let selection = args.filter.selection();
    let reading = read(context, now, &tuning, &selection).await?;
    let snapshot = reading.snapshot;
    let text = match context.output.format {
        Format::Json => to_json(&snapshot),
        Format::Table => {
            let plan = actions::plan(&snapshot, &tuning, now);
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

/// A snapshot of the selected presets, with what no snapshot holds.
pub(crate) struct Reading {
    pub snapshot: Snapshot,
    /// What looks wrong about organizations.
    pub warnings: Vec<String>,
    /// Claims of late whose build replaced resources.
    pub replacements: Vec<Replacement>,
}

/// The beginning of the time in which replaced resources are worth a warning.
fn days_before(now: Time) -> Time {
    now.checked_sub_signed(REPLACEMENTS_WITHIN).unwrap_or(now)
}

/// Takes a snapshot of the selected presets in a session of its own.
pub(crate) async fn read(
    context: &Context,
    now: Time,
    tuning: &Tuning,
    selection: &Selection,
) -> Result<Reading> {
    let mut reader = context.store()?.open_reader().await?;
    let snapshot = reader.read_facts().await?.into_snapshot(now, tuning);
    complete(reader, snapshot, now, selection).await
}

/// Selects presets of a snapshot, and ends its session after reading what else belongs to them.
pub(crate) async fn complete(
    mut reader: Reader,
    snapshot: Snapshot,
    now: Time,
    selection: &Selection,
) -> Result<Reading> {
    let snapshot = select(snapshot, selection)?;
    let warnings = match reader.read_allowances(&snapshot.organizations()).await {
        Ok(allowances) => health::quota_warnings(&allowances),
        Err(error) => {
            // A role that may not look at groups can still see its pools.
            tracing::warn!(%error, "quotas were not looked at");
            Vec::new()
        }
    };
    let replacements = reader.recent_replacements(days_before(now)).await?;
    reader.close().await;
    Ok(Reading {
        snapshot,
        warnings,
        replacements,
    })
}

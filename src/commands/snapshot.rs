//! `snapshot`: the state of all pools.
//!
//! Reads only, on a session that can't write.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::cli::reading::{Reading, read};
use crate::cli::{Context, FilterArgs, TuningArgs, parse_time};
use crate::model::Time;
use crate::model::settings::Tuning;
use crate::model::text::printable;
use crate::render::View;
use crate::{actions, render};

/// Show the state of all pools
///
/// Reads one consistent state and changes nothing. The table has a row for each preset; --format json
/// writes the snapshot document, which plan --snapshot reads.
#[derive(Debug, Args)]
pub(crate) struct SnapshotArgs {
    /// Time of the snapshot; decides which failures are recent
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Time>,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

pub(crate) async fn run(context: &Context, args: SnapshotArgs) -> Result<ExitCode> {
    let tuning = args.tuning.tuning();
    let reading = read(context, args.at, &tuning, &args.filter.selection()).await?;
    context
        .output
        .report(&reading.snapshot, |all| view(&reading, &tuning, all))?;
    Ok(ExitCode::SUCCESS)
}

/// The table of the snapshot, and what its document doesn't hold.
fn view(reading: &Reading, tuning: &Tuning, all: bool) -> View {
    let snapshot = &reading.snapshot;
    let plan = actions::plan(snapshot, tuning, snapshot.taken_at);
    let mut lines = render::replacements::warnings(&plan, &reading.replacements);
    lines.extend(
        reading
            .warnings
            .iter()
            .map(|it| format!("Warning: {it}.\n")),
    );
    let of_preset = plan.presets.iter().flat_map(|entry| {
        let in_vain = reading.in_vain.iter();
        let found = in_vain.filter(|(id, _)| *id == entry.preset.id);
        found.map(|(_, found)| {
            let message = printable(&found.message);
            format!("Warning: {}: {message}.\n", entry.preset)
        })
    });
    lines.extend(of_preset);
    let mut view = render::snapshot::view(snapshot, &plan, all);
    view.lines(lines);
    view
}

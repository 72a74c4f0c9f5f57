//! `snapshot`: the state of all pools.
//!
//! Reads only, on a session that can't write.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::actions::health;
use crate::cli::reading::{Reading, read};
use crate::cli::watch::{WatchArgs, watch};
use crate::cli::{Context, FilterArgs, RowArgs, TuningArgs, parse_time};
use crate::model::Time;
use crate::model::settings::Tuning;
use crate::model::text::printable;
use crate::render::{Rows, View, Which};
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
    rows: RowArgs,
    #[command(flatten)]
    pub(super) watch: WatchArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

pub(crate) async fn run(context: &Context, args: SnapshotArgs) -> Result<ExitCode> {
    watch(context, args.watch, async |context| {
        show(context, &args).await
    })
    .await
}

async fn show(context: &Context, args: &SnapshotArgs) -> Result<ExitCode> {
    let tuning = args.tuning.tuning();
    let reading = read(context, args.at, &tuning, &args.filter.selection()).await?;
    context.output.report(&reading.snapshot, |all| {
        view(&reading, &tuning, args.rows, all)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The table of the snapshot, and what its document doesn't hold.
fn view(reading: &Reading, tuning: &Tuning, args: RowArgs, all: bool) -> View {
    let snapshot = &reading.snapshot;
    let plan = actions::plan(snapshot, tuning, snapshot.taken_at);
    let mut problems = health::with_problems(snapshot, &plan);
    for (preset, found) in &reading.in_vain {
        let words = problems.entry(*preset).or_default();
        words.push(found.code.replace('_', " "));
    }
    let which = match (args.problems, all) {
        (true, _) => Which::WithProblems,
        (_, true) => Which::All,
        _ => Which::InUse,
    };
    let rows = Rows::new(which, problems);
    let mut view = match args.group_by {
        Some(by) => render::groups::state(&plan, by, rows),
        None => render::snapshot::view(snapshot, &plan, rows),
    };
    view.warn(render::replacements::warnings(&plan, &reading.replacements));
    view.warn(reading.warning.clone());
    let in_vain = plan.presets.iter().flat_map(|entry| {
        let in_vain = reading.in_vain.iter();
        let found = in_vain.filter(|(id, _)| *id == entry.preset.id);
        found.map(|(_, found)| (printable(&entry.preset.to_string()), found))
    });
    view.warn(render::warnings(in_vain, all));
    view
}

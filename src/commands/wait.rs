//! `wait`: until pools are full, for scripts that go on then.
//!
//! Reads only: passes and provisioners fill the pools.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use tokio::time::Instant;

use crate::actions::readiness::Readiness;
use crate::cli::{Context, FilterArgs, NOT_READY, Progress, TuningArgs, parse_duration};
use crate::model::names::{Selection, select};
use crate::{actions, render};

/// Time between two looks. A build takes longer.
const POLL: Duration = Duration::from_secs(1);

/// Wait until pools are full on the active version
///
/// A pool is full when as many of its workspaces are ready as are desired now. Changes nothing: passes and
/// provisioners fill the pools meanwhile. Says what is missing whenever that changes. Exits with 4 when the
/// time is up, or at once when no pass can fill what is missing, as where presets are hard limited.
#[derive(Debug, Args)]
pub(crate) struct WaitForArgs {
    /// Presets; all by default
    #[arg(value_name = "PRESET")]
    presets: Vec<String>,
    /// Wait until the pools are full, which is all that can be waited for so far
    #[arg(long)]
    ready: bool,
    /// Wait no longer than this
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_duration)]
    patience: Option<Duration>,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

pub(crate) async fn run(context: &Context, args: WaitForArgs) -> Result<ExitCode> {
    let mut selection = args.filter.selection();
    if !args.presets.is_empty() {
        // A profile's are its usual ones.
        selection.presets.clone_from(&args.presets);
    }
    let deadline = args.patience.map(|patience| Instant::now() + patience);
    let mut progress = Progress::of_waiting(&context.output);
    let readiness = loop {
        let readiness = look(context, &args, &selection).await?;
        let now = Instant::now();
        let is_over = deadline.is_some_and(|deadline| now >= deadline);
        if readiness.is_stuck() || is_over {
            break readiness;
        }
        progress.tell(&context.output, &render::wait::missing(&readiness));
        let sum = |number: fn(&_) -> i64| readiness.presets.iter().map(number).sum::<i64>();
        let (ready, desired) = (sum(|it| it.ready), sum(|it| it.desired));
        progress.set(ready.unsigned_abs(), desired.unsigned_abs());
        let rest = deadline.map_or(POLL, |deadline| deadline - now);
        tokio::time::sleep(POLL.min(rest)).await;
    };
    drop(progress);
    context
        .output
        .report(&readiness, |_| render::wait::view(&readiness))?;
    Ok(if readiness.ready {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(NOT_READY)
    })
}

async fn look(context: &Context, args: &WaitForArgs, selection: &Selection) -> Result<Readiness> {
    let mut reader = context.store()?.open_reader().await?;
    let now = reader.now();
    let tuning = args.tuning.tuning();
    let snapshot = reader.read_facts().await?.into_snapshot(now, &tuning);
    reader.close().await;
    let snapshot = select(snapshot, selection)?;
    let plan = actions::plan(&snapshot, &tuning, now);
    let readiness = Readiness::of(&snapshot, &plan);
    if readiness.presets.is_empty() && !selection.is_empty() {
        bail!("none of these presets belongs to the active version of a template in use");
    }
    Ok(readiness)
}

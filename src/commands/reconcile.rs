//! `reconcile-once`: one pass.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use tokio::time::Instant;

use crate::actions::limits::{Limits, MaxDelete};
use crate::cli::{Context, FilterArgs, Format, LOCKED, PARTIAL, TuningArgs, files, progress};
use crate::clock;
use crate::error::explain;
use crate::metrics::{self, LastPass, read_pools};
use crate::model::document::{read_plan, to_json};
use crate::model::report::{PassOutcome, Report};
use crate::model::text::printable;
use crate::reconcile::{PassSettings, Reconciler};
use crate::render::report;

/// Do what plan shows, once
///
/// One pass under the reconciliation lock: it happens wholly or not at all, and any number of them
/// can be started at once, beside coderd's own loop too. Nothing happens while reconciliation is
/// paused.
#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    /// Carry out this approved plan document exactly, or nothing
    ///
    /// A plan that no longer matches is refused with exit 6 and the difference shown. Presets that
    /// the plan doesn't hold are left alone.
    #[arg(long, value_name = "FILE",
          conflicts_with_all = ["max_in_flight", "organization", "template", "preset"])]
    plan: Option<PathBuf>,
    /// Exit with 5 when somebody else holds the lock
    #[arg(long)]
    fail_if_locked: bool,
    /// Give up, and undo everything, after this time
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    /// Also write metrics of the pools and the pass to FILE, for a textfile collector
    #[arg(long, value_name = "FILE")]
    metrics_file: Option<PathBuf>,
    #[command(flatten)]
    pass: PassArgs,
}

/// How a pass is run, once or again and again.
#[derive(Clone, Debug, Args)]
pub(crate) struct PassArgs {
    /// Wait this long for a pass of somebody else to end
    #[arg(long, value_name = "DURATION", default_value = "0s",
          value_parser = humantime::parse_duration)]
    wait_lock: Duration,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

impl PassArgs {
    /// The settings as passes take them; each may take `timeout`.
    pub(crate) fn settings(&self, timeout: Option<Duration>) -> PassSettings {
        PassSettings {
            selection: self.filter.selection(),
            tuning: self.tuning.tuning(),
            limits: self.limits.limits(),
            approved: None,
            wait_lock: self.wait_lock,
            timeout,
        }
    }
}

/// What a pass may do at most.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Refuse a plan that creates more workspaces
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    max_create: Option<i64>,
    /// Refuse a plan that deletes more workspaces than N, or than P% of the running prebuilt ones
    #[arg(long, value_name = "N|P%")]
    max_delete: Option<MaxDelete>,
    /// Put off creates beyond this many pending and running jobs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    max_in_flight: Option<i64>,
}

impl LimitArgs {
    /// The limits as the calculation takes them.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            max_create: self.max_create,
            max_delete: self.max_delete,
            max_in_flight: self.max_in_flight,
        }
    }
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: ReconcileArgs) -> Result<ExitCode> {
    let mut settings = args.pass.settings(args.timeout);
    if let Some(path) = &args.plan {
        let input = files::read(path).await?;
        let plan = read_plan(&input.bytes).with_context(|| format!("can't use {}", input.name))?;
        settings.approved = Some(plan);
    }
    let reconciler = Reconciler {
        store: context.store()?,
        settings,
    };
    let mut bar = None;
    let started = Instant::now();
    let result = reconciler
        .run_pass(&clock::now, &mut |done, total| {
            let bar = bar.get_or_insert_with(|| progress::bar(&context.output, total));
            bar.set_position(done);
        })
        .await;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    let last = LastPass::new(&result, started.elapsed(), clock::now());
    let written = match &args.metrics_file {
        Some(path) => write_metrics(path, &reconciler, &last).await,
        None => Ok(()),
    };
    let report = result?;
    context.output.data(&match context.output.format {
        Format::Json => to_json(&report),
        Format::Table => report::table(&report, context.output.style()),
    })?;
    written?;
    exit_code(&report, args.fail_if_locked)
}

/// Writes the metrics of a pass, of one that failed too. Without the numbers of the pools where they
/// can't be read.
async fn write_metrics(path: &Path, reconciler: &Reconciler, last: &LastPass) -> Result<()> {
    let pools = read_pools(
        &reconciler.store,
        &reconciler.settings.tuning,
        last.ended_at,
    )
    .await;
    if let Err(error) = &pools {
        let error = explain(error);
        tracing::warn!(error, "the metrics lack the numbers of the pools");
    }
    let before = std::fs::read_to_string(path).unwrap_or_default();
    metrics::render(pools.ok().as_ref(), last, &before)
        .and_then(|text| files::replace(path, &text))
        .with_context(|| format!("can't write metrics to {path:?}"))
}

fn exit_code(report: &Report, fail_if_locked: bool) -> Result<ExitCode> {
    let errors = || report.presets.iter().filter_map(|p| p.error.as_deref());
    Ok(match report.outcome {
        PassOutcome::Locked if fail_if_locked => ExitCode::from(LOCKED),
        PassOutcome::Partial
            if errors().count() == report.presets.len() && !report.wrote_anything() =>
        {
            bail!(
                "no preset that had something to do could be reconciled, the first because: {}",
                printable(errors().next().unwrap_or_default())
            );
        }
        PassOutcome::Partial => ExitCode::from(PARTIAL),
        _ => ExitCode::SUCCESS,
    })
}

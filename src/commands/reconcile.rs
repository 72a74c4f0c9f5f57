//! `reconcile-once`: one pass.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use tokio::time::Instant;

use crate::actions::limits::{Limits, SizeLimit};
use crate::cli::files::{self, MAX_DOCUMENT, Readers};
use crate::cli::{
    Context, FilterArgs, LOCKED, Output, PARTIAL, Progress, TuningArgs, actor, parse_duration,
};
use crate::error::{Failure, explain};
use crate::metrics::{self, LastPass, read_pools};
use crate::model::document::read_plan;
use crate::model::names::Selection;
use crate::model::report::{PassOutcome, Report};
use crate::model::text::{count, plural, printable};
use crate::reconcile::{PassSettings, Reconciler};
use crate::{clock, render};

/// Do what plan shows, once
///
/// Runs one pass under the reconciliation lock. All of it is committed, or nothing. Any number of
/// passes can be started at once, also while coderd runs its own loop. Does nothing while
/// reconciliation is paused.
#[derive(Debug, Args)]
pub(crate) struct ReconcileArgs {
    /// Carry out exactly this approved plan, or nothing
    ///
    /// Refuses a plan when a preset that it has steps for is no longer as it was (exit 6), and shows the
    /// difference. Leaves all other presets alone, and says which of them have moved.
    #[arg(long, value_name = "FILE",
          conflicts_with_all = ["limit_per", "max_in_flight", "keep_until_ready", "organization", "template",
                                "preset"])]
    plan: Option<PathBuf>,
    /// Exit with 5 when another process holds the lock
    #[arg(long)]
    fail_if_locked: bool,
    /// Also write metrics of the pools and the pass to FILE, for a textfile collector
    #[arg(long, value_name = "FILE")]
    metrics_file: Option<PathBuf>,
    #[command(flatten)]
    pass: PassArgs,
}

/// How to run a pass, once or in a loop.
#[derive(Clone, Debug, Args)]
pub(crate) struct PassArgs {
    /// Longest wait for another pass to end
    #[arg(long, value_name = "DURATION", default_value = "0s",
          value_parser = parse_duration)]
    wait_lock: Duration,
    /// Run although this machine's clock differs from the server's by more than a minute
    #[arg(long)]
    any_clock: bool,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

impl PassArgs {
    /// The settings of a pass that may take at most `timeout`.
    ///
    /// # Errors
    /// A limit without the one that it is for.
    pub(crate) fn settings(&self, timeout: Option<Duration>) -> Result<PassSettings> {
        Ok(PassSettings {
            selection: self.filter.selection(),
            tuning: self.tuning.tuning(),
            limits: self.limits.limits()?,
            approved: None,
            any_clock: self.any_clock,
            actor: actor(),
            wait_lock: self.wait_lock,
            timeout,
        })
    }
}

/// The most that a pass may do.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub(crate) struct LimitArgs {
    /// Refuse a plan that creates more than N workspaces [default: 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    max_create: Option<i64>,
    /// Refuse a plan that deletes more than N workspaces, or than P% of the running prebuilt ones
    ///
    /// Members of superseded versions don't count, so that templates can be pushed.
    #[arg(long, value_name = "N|P%")]
    max_delete: Option<SizeLimit>,
    /// What --max-create and --max-delete refuse
    #[arg(long, value_enum, value_name = "WHAT", default_value_t)]
    limit_per: LimitPer,
    /// Defer creates beyond N pending and running jobs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    max_in_flight: Option<i64>,
    /// Delete members of superseded versions only as those of the active one get ready
    ///
    /// As many stay as the pool of the active version lacks ready ones, the newest. Only members of the active version
    /// can be claimed: this spreads the work of provisioners, and keeps what a template that was promoted
    /// by mistake needs again.
    #[arg(long)]
    keep_until_ready: bool,
    /// With --keep-until-ready: how many workspaces a pool may be short of meanwhile
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    max_unavailable: i64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum LimitPer {
    /// The whole plan.
    #[default]
    Plan,
    /// Templates that are over by themselves; the pass goes on with the others, and exits with 3.
    Template,
}

impl LimitArgs {
    fn limits(&self) -> Result<Limits> {
        // The parser can't tell: a profile may give either.
        if self.max_unavailable > 0 && !self.keep_until_ready {
            bail!(Failure::usage(
                "--max-unavailable has no effect without --keep-until-ready"
            ));
        }
        Ok(Limits {
            max_create: self.max_create,
            max_delete: self.max_delete,
            per_template: self.limit_per == LimitPer::Template,
            max_in_flight: self.max_in_flight,
            keep_until_ready: self.keep_until_ready.then_some(self.max_unavailable),
        })
    }
}

pub(crate) async fn run(context: &Context, args: ReconcileArgs) -> Result<ExitCode> {
    let mut settings = args.pass.settings(context.global.timeout)?;
    if let Some(path) = &args.plan {
        let input = files::read(path, MAX_DOCUMENT).await?;
        let plan = read_plan(&input.bytes).with_context(|| format!("can't use {}", input.name))?;
        settings.approved = Some(plan);
        // A profile can still say them, and they would change what was approved.
        settings.selection = Selection::default();
        settings.limits.per_template = false;
        settings.limits.max_in_flight = None;
        settings.limits.keep_until_ready = None;
    }
    let reconciler = Reconciler {
        store: context.store()?,
        settings,
    };
    let started = Instant::now();
    let mut progress = Progress::of_work(&context.output);
    let result = reconciler
        .run_pass(&mut |done, total| progress.set(done, total))
        .await;
    drop(progress);
    let last = LastPass::new(&result, started.elapsed(), clock::now());
    let written = match &args.metrics_file {
        Some(path) => write_metrics(path, &reconciler, &last).await,
        None => Ok(()),
    };
    let report = result?;
    context
        .output
        .report_written(&report, |all| render::report::view(&report, all))?;
    written?;
    exit_code(&context.output, &report, args.fail_if_locked)
}

/// Writes the metrics of a pass, even if it failed; without those of the pools if they can't be read.
async fn write_metrics(path: &Path, reconciler: &Reconciler, last: &LastPass) -> Result<()> {
    let pools = read_pools(&reconciler.store, &reconciler.settings.tuning).await;
    if let Err(error) = &pools {
        let error = explain(error);
        tracing::warn!(error, "the metrics file lacks the metrics of the pools");
    }
    let before = files::read_kept(path, MAX_DOCUMENT).unwrap_or_default();
    let text = metrics::render(pools.ok().as_ref(), last, &before);
    // A collector runs as another user.
    let written = async { files::write(path, text?, Readers::Others).await };
    written
        .await
        .with_context(|| format!("can't write metrics to {path:?}"))
}

fn exit_code(output: &Output, report: &Report, fail_if_locked: bool) -> Result<ExitCode> {
    let all = report.presets.len() + report.claimed.len();
    Ok(match report.outcome {
        PassOutcome::Locked if fail_if_locked => {
            output.error("another process holds the lock; nothing was done");
            ExitCode::from(LOCKED)
        }
        PassOutcome::Partial if report.errors().count() == all && !report.wrote_anything() => {
            bail!(
                "no preset with actions could be reconciled; the first error: {}",
                printable(report.errors().next().unwrap_or_default())
            );
        }
        PassOutcome::Partial => {
            // Who sees standard error alone, as by cron, has to hear of it.
            let errors = plural(count(report.errors().count()), "error");
            let first = printable(report.errors().next().unwrap_or_default());
            output.error(&format!("the pass ended with {errors}, the first: {first}"));
            ExitCode::from(PARTIAL)
        }
        _ => ExitCode::SUCCESS,
    })
}

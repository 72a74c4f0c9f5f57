//! `reconcile-once`: one pass.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use crate::actions::limits::Limits;
use crate::cli::{Context, FilterArgs, TuningArgs};
use crate::clock;
use crate::document::to_json;
use crate::error::{LOCKED, PARTIAL};
use crate::output::Format;
use crate::progress;
use crate::reconcile::{PassSettings, Reconciler};
use crate::render::report::{PassOutcome, Report};

/// Do what plan shows, once
///
/// One pass under the reconciliation lock: it happens wholly or not at all, and any number of them
/// can be started at once, beside coderd's own loop too. Nothing happens while reconciliation is
/// paused.
#[derive(Debug, Args)]
pub struct ReconcileArgs {
    /// Wait this long for a pass of somebody else to end
    #[arg(long, value_name = "DURATION", default_value = "0s",
          value_parser = humantime::parse_duration)]
    wait_lock: Duration,
    /// Exit with 5 when somebody else holds the lock
    #[arg(long)]
    fail_if_locked: bool,
    /// Give up, and undo everything, after this time
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    #[command(flatten)]
    limits: LimitArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

/// What a pass may do at most.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitArgs {
    /// Refuse a plan that creates more workspaces
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    max_create: Option<i64>,
    /// Refuse a plan that deletes more workspaces
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    max_delete: Option<i64>,
    /// Put off creates beyond this many pending and running jobs
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(0..))]
    max_in_flight: Option<i64>,
}

impl LimitArgs {
    /// The limits as the calculation takes them.
    pub fn limits(&self) -> Limits {
        Limits {
            max_create: self.max_create,
            max_delete: self.max_delete,
            max_in_flight: self.max_in_flight,
        }
    }
}

/// Runs the command.
pub async fn run(context: &Context, args: ReconcileArgs) -> Result<ExitCode> {
    let reconciler = Reconciler {
        store: context.store()?,
        settings: PassSettings {
            selection: args.filter.selection(),
            snapshot: args.tuning.snapshot_settings(),
            plan: args.tuning.plan_settings(),
            limits: args.limits.limits(),
            approved: None,
            wait_lock: args.wait_lock,
            timeout: args.timeout,
        },
    };
    let mut bar = None;
    let report = reconciler
        .run_pass(&clock::now, &mut |done, total| {
            let bar = bar.get_or_insert_with(|| progress::bar(&context.output, total));
            bar.set_position(done);
        })
        .await?;
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
    context.output.data(&match context.output.format {
        Format::Json => to_json(&report),
        Format::Table => report.table(context.output.style()),
    })?;
    exit_code(&report, args.fail_if_locked)
}

fn exit_code(report: &Report, fail_if_locked: bool) -> Result<ExitCode> {
    let failed = report
        .presets
        .iter()
        .filter(|preset| preset.error.is_some())
        .count();
    Ok(match report.outcome {
        PassOutcome::Locked if fail_if_locked => ExitCode::from(LOCKED),
        PassOutcome::Partial if failed == report.presets.len() => {
            bail!("no preset that had something to do could be reconciled");
        }
        PassOutcome::Partial => ExitCode::from(PARTIAL),
        _ => ExitCode::SUCCESS,
    })
}

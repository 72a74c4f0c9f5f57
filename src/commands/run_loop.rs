//! `loop`: one pass after another.
//!
//! Holds no reconcile logic: a pass is that of `reconcile-once`, its schedule that of
//! [`crate::service::driver`]. What fails once a pass has gone well is logged and tried again; before that,
//! what nobody but an operator can mend ends the command.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cli::Context;
use crate::clock;
use crate::commands::reconcile::PassArgs;
use crate::error::explain;
use crate::metrics::{LastPass, Recorder, Server, watch_jobs, watch_pools};
use crate::model::names::UnknownName;
use crate::model::report::{PassOutcome, Report};
use crate::reconcile::Reconciler;
use crate::service::driver::{self, Ending, RunOutcome, Schedule};
use crate::service::{jitter, signals, systemd, wake_at_changes};
use crate::store::StoreError;

/// What coderd takes instead of an interval that is none.
const FALLBACK_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// Do what plan shows, again and again
///
/// The first pass comes at once, the next ones at every interval, and within about a second of a
/// claim, a changed template or a finished build. SIGINT or SIGTERM let the present pass finish and
/// end the loop with 0; a second one ends it at once, and what was not committed is undone. SIGHUP
/// asks for a pass now. Any number of loops can run, beside coderd too: one pass at a time.
#[derive(Debug, Args)]
pub(crate) struct LoopArgs {
    /// Time from one pass to the next; 0 and below means 5m
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = parse_interval,
          env = "CODER_WORKSPACE_PREBUILDS_RECONCILIATION_INTERVAL", hide_env_values = true,
          allow_hyphen_values = true)]
    interval: Duration,
    /// End after this many passes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_passes: Option<u64>,
    /// Serve /metrics, /healthz and /readyz over HTTP on this address, such as 127.0.0.1:9464
    #[arg(long, value_name = "ADDRESS")]
    metrics_addr: Option<String>,
    /// Give a pass up, and undo all of it, after this time
    // Longer than any statement may take, so that it only ends what hears nothing any more: a
    // connection that broke without a word must not stop the loop for ever.
    #[arg(long, value_name = "DURATION", default_value = "10m",
          value_parser = humantime::parse_duration)]
    timeout: Duration,
    #[command(flatten)]
    pass: PassArgs,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: LoopArgs) -> Result<ExitCode> {
    let store = context.store()?;
    let mut signals = signals::listen()?;
    let wake = Arc::new(Notify::new());
    // Ends with this function.
    let mut background = JoinSet::new();
    let recorder = Arc::new(Recorder::new(args.interval)?);
    let settings = args.pass.settings(Some(args.timeout));
    if let Some(address) = &args.metrics_addr {
        let server = Server::bind(address).await?;
        tracing::info!(address = %server.address()?, "serving metrics");
        background.spawn(server.serve(Arc::clone(&recorder)));
        background.spawn(watch_pools(
            store.clone(),
            settings.tuning,
            clock::now,
            Arc::clone(&recorder),
        ));
        background.spawn(watch_jobs(store.clone(), clock::now, Arc::clone(&recorder)));
    }
    background.spawn(wake_at_changes(store.clone(), Arc::clone(&wake)));
    background.spawn(systemd::keep_alive());
    let mut passes = Passes {
        reconciler: Reconciler { store, settings },
        recorder,
        worked: false,
        last: None,
    };
    let schedule = Schedule {
        interval: args.interval,
        max_runs: args.max_passes,
    };
    let ending = driver::drive(schedule, &mut signals, &wake, jitter, async || {
        passes.run().await
    })
    .await?;
    match (ending, passes.last) {
        // A script that asked for so many passes wants to know.
        (Ending::Finished, Some(Err(error))) => Err(error),
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// The passes of this loop.
struct Passes {
    reconciler: Reconciler,
    recorder: Arc<Recorder>,
    /// Whether any of them has gone well.
    worked: bool,
    /// What came of the last one.
    last: Option<Result<PassOutcome>>,
}

impl Passes {
    /// Runs one pass. An error is one that ends the loop.
    async fn run(&mut self) -> Result<RunOutcome> {
        let started = Instant::now();
        let result = self.reconciler.run_pass(&clock::now, &mut |_, _| {}).await;
        let pass = LastPass::new(&result, started.elapsed(), clock::now());
        let went_well = pass.is_success();
        self.recorder.record(pass);
        match result {
            Ok(report) => {
                self.tell(&report);
                if went_well && !self.worked {
                    self.worked = true;
                    systemd::ready();
                }
                self.last = Some(Ok(report.outcome));
                Ok(RunOutcome::Success)
            }
            Err(error) if !self.worked && is_permanent(&error) => Err(error),
            Err(error) => {
                tracing::warn!(error = explain(&error), "pass failed");
                self.last = Some(Err(error));
                Ok(RunOutcome::Failure)
            }
        }
    }

    /// Logs what concerns people: presets that failed, and passes that begin or cease to be idle.
    fn tell(&self, report: &Report) {
        for preset in &report.presets {
            if let Some(error) = &preset.error {
                let preset = preset.preset.to_string();
                tracing::warn!(preset, error, "preset failed");
            }
        }
        let was = match &self.last {
            Some(Ok(outcome)) => Some(*outcome),
            _ => None,
        };
        let idle = [PassOutcome::Locked, PassOutcome::Paused];
        match report.outcome {
            outcome if was == Some(outcome) => {}
            PassOutcome::Locked => tracing::info!("another process holds the lock"),
            PassOutcome::Paused => tracing::info!("reconciliation is paused"),
            _ if was.is_some_and(|was| idle.contains(&was)) => {
                tracing::info!("reconciling again");
            }
            _ if matches!(self.last, Some(Err(_))) => tracing::info!("passes go well again"),
            _ => {}
        }
    }
}

/// Whether only an operator can mend it.
fn is_permanent(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<UnknownName>()
            || cause
                .downcast_ref::<StoreError>()
                .is_some_and(StoreError::is_permanent)
    })
}

/// Reads an interval as coderd does: one that is not positive is replaced.
fn parse_interval(text: &str) -> Result<Duration, humantime::DurationError> {
    let interval = humantime::parse_duration(text.trim_start_matches('-'))?;
    Ok(if text.starts_with('-') || interval.is_zero() {
        FALLBACK_INTERVAL
    } else {
        interval
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_that_is_none_is_replaced() {
        let seconds = |text| parse_interval(text).unwrap().as_secs();
        assert_eq!(seconds("1m30s"), 90);
        assert_eq!(seconds("0"), 300);
        assert_eq!(seconds("0s"), 300);
        assert_eq!(seconds("-1h0m0s"), 300);
        assert!(parse_interval("soon").is_err());
    }

    #[test]
    fn only_what_nobody_else_mends_ends_the_loop() {
        let store = |error: StoreError| is_permanent(&anyhow::Error::new(error).context("pass"));
        let path = String::new();
        assert!(store(StoreError::Missing { path }));
        assert!(!store(StoreError::Busy { doing: "reading" }));
        assert!(!is_permanent(&anyhow::anyhow!("the pass was not done")));
    }
}

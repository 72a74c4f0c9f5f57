//! `loop`: one pass after another.
//!
//! Contains no reconcile logic: a pass is that of `reconcile-once`, its schedule that of
//! [`crate::service::driver`]. After the first successful pass, failures are logged, each once until it
//! changes, and passes go on; before it, a failure that only an operator can fix ends the command, and a
//! broken SQLite file always does.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use clap::Args;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::actions::limits::OverLimit;
use crate::cli::{Context, parse_duration};
use crate::clock;
use crate::commands::reconcile::PassArgs;
use crate::error::explain;
use crate::metrics::{
    LastPass, Recorder, Server, watch_creations, watch_demand, watch_jobs, watch_pools,
};
use crate::model::names::UnknownName;
use crate::model::report::{PassOutcome, Report};
use crate::model::text::counted;
use crate::reconcile::Reconciler;
use crate::service::driver::{self, Ending, RunOutcome, Schedule};
use crate::service::hook::{Hook, Target};
use crate::service::{jitter, signals, systemd, wake_at_changes};
use crate::store::{StoreError, Subject};

mod events;

use events::Teller;

/// What coderd uses instead of an interval that is not positive.
const FALLBACK_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// Do what plan shows, again and again
///
/// Runs the first pass at once, then one at every interval, and within about a second of a claim, a
/// changed template or a finished build. On SIGINT or SIGTERM it finishes the running pass and exits
/// with 0; a second signal rolls the pass back and ends the loop at once. SIGHUP starts a pass now.
/// Any number of loops can run at once, coderd's included: passes take turns.
#[derive(Debug, Args)]
pub(crate) struct LoopArgs {
    /// Time between passes; 0 or less means 5m
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = parse_interval,
          env = "CODER_WORKSPACE_PREBUILDS_RECONCILIATION_INTERVAL", hide_env_values = true,
          allow_hyphen_values = true)]
    interval: Duration,
    /// Exit after N passes
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    max_passes: Option<u64>,
    /// Serve /metrics, /healthz and /readyz over HTTP on this address, such as 0.0.0.0:9464
    ///
    /// A port alone is one of 127.0.0.1, which other hosts don't reach.
    #[arg(long, value_name = "[HOST:]PORT")]
    metrics_addr: Option<String>,
    /// Give every event to a shell command on standard input, or POST it to an http or https address
    ///
    /// A JSON object when the loop starts and stops, when passes begin to fail and succeed again, and when the condition
    /// of a pool changes: healthy, below_target, backing_off, no_provisioner, validation_failed, hard_limited. What
    /// fails is tried again a few times, and no pass ever waits for it.
    // Not read by clap, which shows what it can't use.
    #[arg(
        long,
        value_name = "CMD|URL",
        env = "PREBUILDCTL_ON_EVENT",
        hide_env_values = true
    )]
    on_event: Option<String>,
    #[command(flatten)]
    pass: PassArgs,
}

/// How long a pass may take: longer than any statement, so that it only ends a pass whose connection broke
/// silently. That must not stop the loop for ever.
const PASS_TIMEOUT: Duration = Duration::from_secs(600);

pub(crate) async fn run(context: &Context, args: LoopArgs) -> Result<ExitCode> {
    let store = context.store()?;
    let hook = args.on_event.as_deref().map(Target::read).transpose()?;
    let mut signals = signals::listen()?;
    let wake = Arc::new(Notify::new());
    // Stopped when this function returns.
    let mut background = JoinSet::new();
    let recorder = Arc::new(Recorder::new(args.interval)?);
    let timeout = context.global.timeout.unwrap_or(PASS_TIMEOUT);
    let settings = args.pass.settings(Some(timeout))?;
    if let Some(address) = &args.metrics_addr {
        let server = Server::bind(address).await?;
        tracing::info!(address = %server.address()?, "serving metrics");
        background.spawn(server.serve(Arc::clone(&recorder)));
        background.spawn(watch_pools(
            store.clone(),
            settings.tuning,
            Arc::clone(&recorder),
        ));
        background.spawn(watch_creations(store.clone(), Arc::clone(&recorder)));
        background.spawn(watch_demand(store.clone(), Arc::clone(&recorder)));
        background.spawn(watch_jobs(store.clone(), Arc::clone(&recorder)));
    }
    background.spawn(wake_at_changes(
        store.clone(),
        Subject::Pools,
        Arc::clone(&wake),
    ));
    background.spawn(systemd::keep_alive());
    let teller = Teller::new(store.clone(), hook.map(Hook::start));
    let interval = humantime::format_duration(args.interval);
    let started = format!(
        "prebuildctl {} keeps the pools of {}, with a pass every {interval}{}",
        env!("CARGO_PKG_VERSION"),
        store.target(),
        settings.limits
    );
    tracing::info!("{started}");
    teller.tell("loop_started", &started, clock::now());
    let mut passes = Passes {
        reconciler: Reconciler { store, settings },
        recorder,
        teller,
        succeeded: false,
        started: false,
        number: 0,
        last: None,
        failing: None,
        failed: BTreeSet::new(),
    };
    let schedule = Schedule {
        interval: args.interval,
        max_runs: args.max_passes,
    };
    let ending = driver::drive(schedule, &mut signals, &wake, jitter, async || {
        passes.run().await
    })
    .await;
    let stopped = match &ending {
        Ok(Ending::Finished) => "all passes are made",
        Ok(Ending::Stopped) => "a signal asked to",
        Err(_) => "it can't go on",
    };
    let stopped = format!(
        "stopped after {}: {stopped}",
        counted(passes.number, "pass", "passes")
    );
    tracing::info!("{stopped}");
    passes.teller.tell("loop_stopped", &stopped, clock::now());
    tokio::select! {
        () = passes.teller.finish() => {}
        // Whoever asks twice doesn't want to wait.
        _ = signals.recv() => {}
    }
    match (ending?, passes.last) {
        // A script that runs a number of passes needs the result of the last one.
        (Ending::Finished, Some(Err(error))) => Err(error),
        _ => Ok(ExitCode::SUCCESS),
    }
}

struct Passes {
    reconciler: Reconciler,
    recorder: Arc<Recorder>,
    teller: Teller,
    succeeded: bool,
    /// Whether the service manager was told that the loop is at work.
    started: bool,
    /// How many were made.
    number: usize,
    last: Option<Result<PassOutcome>>,
    /// The failure that was told, until a pass goes well.
    failing: Option<String>,
    /// What failed in the last pass that looked at pools, each with its error.
    failed: BTreeSet<(String, String)>,
}

impl Passes {
    /// Runs one pass.
    ///
    /// # Errors
    /// The failure that ends the loop.
    async fn run(&mut self) -> Result<RunOutcome> {
        let started = Instant::now();
        self.number += 1;
        let mut result = self.reconciler.run_pass(&mut |_, _| {}).await;
        let pools = result
            .as_mut()
            .map(|report| std::mem::take(&mut report.pools));
        let pools = pools.unwrap_or_default();
        let pass = LastPass::new(&result, started.elapsed(), clock::now());
        let went_well = pass.is_success();
        self.recorder.record(pass);
        match result {
            Ok(report) => {
                self.log(&report);
                if !pools.is_empty() {
                    self.teller.tell_changes(pools, report.planned_at).await;
                }
                if went_well {
                    self.succeeded = true;
                    self.tell_started();
                    if self.failing.take().is_some() {
                        let message = "passes succeed again";
                        let at = report.planned_at;
                        self.teller.tell("passes_succeed", message, at);
                        tracing::info!("{message}");
                    }
                }
                self.last = Some(Ok(report.outcome));
                // What has woken this pass may be none of what the holder of the lock has read.
                Ok(match report.outcome {
                    PassOutcome::Locked => RunOutcome::Failure,
                    _ => RunOutcome::Success,
                })
            }
            Err(error) if !self.succeeded && is_permanent(&error) || ends_service(&error) => {
                Err(error)
            }
            Err(error) => {
                let text = explain(&error);
                if self.failing.as_ref() != Some(&text) {
                    self.teller.tell("pass_failed", &text, clock::now());
                    tracing::warn!(error = text, "pass failed");
                    self.failing = Some(text);
                }
                // A limit that holds is the loop at work, and no reason to keep the unit from starting.
                if error.chain().any(|cause| cause.is::<OverLimit>()) {
                    self.tell_started();
                }
                self.last = Some(Err(error));
                Ok(RunOutcome::Failure)
            }
        }
    }

    /// Tells the service manager, once.
    fn tell_started(&mut self) {
        if !std::mem::replace(&mut self.started, true) {
            systemd::ready();
        }
    }

    /// Logs what failed, unless it failed in the same way before, and the beginning and end of idle passes.
    fn log(&mut self, report: &Report) {
        let presets = report.presets.iter();
        let presets = presets.filter_map(|it| Some((it.preset.to_string(), it.error.clone()?)));
        let presets: BTreeSet<_> = presets.collect();
        for (preset, error) in presets.difference(&self.failed) {
            tracing::warn!(preset, error, "preset failed");
        }
        let claimed = report.claimed.iter();
        let claimed = claimed.filter_map(|it| {
            let workspace = format!("{}/{}", it.due.owner_name, it.due.name);
            Some((workspace, it.error.clone()?))
        });
        let claimed: BTreeSet<_> = claimed.collect();
        for (workspace, error) in claimed.difference(&self.failed) {
            tracing::warn!(workspace, error, "claimed workspace failed");
        }
        let idle = [PassOutcome::Locked, PassOutcome::Paused];
        if !idle.contains(&report.outcome) {
            self.failed = presets.into_iter().chain(claimed).collect();
        }
        let was = match &self.last {
            Some(Ok(outcome)) => Some(*outcome),
            _ => None,
        };
        match report.outcome {
            outcome if was == Some(outcome) => {}
            PassOutcome::Locked => tracing::info!("another process holds the lock"),
            PassOutcome::Paused => tracing::info!("reconciliation is paused"),
            _ if was.is_some_and(|was| idle.contains(&was)) => {
                tracing::info!("reconciling again");
            }
            _ => {}
        }
    }
}

/// Whether only an operator can fix it.
fn is_permanent(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.is::<UnknownName>()
            || cause
                .downcast_ref::<StoreError>()
                .is_some_and(StoreError::is_permanent)
    })
}

/// Whether no pass can go well again although one has.
fn ends_service(error: &anyhow::Error) -> bool {
    let mut causes = error.chain().filter_map(|cause| cause.downcast_ref());
    causes.any(StoreError::ends_service)
}

/// Reads an interval as coderd does: one that is not positive becomes [`FALLBACK_INTERVAL`].
fn parse_interval(text: &str) -> Result<Duration> {
    let interval = parse_duration(text.trim_start_matches('-'))?;
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
    fn an_interval_that_is_not_positive_is_replaced() {
        let seconds = |text| parse_interval(text).unwrap().as_secs();
        assert_eq!(seconds("1m30s"), 90);
        assert_eq!(seconds("0"), 300);
        assert_eq!(seconds("0s"), 300);
        assert_eq!(seconds("-1h0m0s"), 300);
        assert!(parse_interval("soon").is_err());
    }

    #[test]
    fn only_what_an_operator_must_fix_ends_the_loop() {
        let store = |error: StoreError| is_permanent(&anyhow::Error::new(error).context("pass"));
        let path = String::new();
        assert!(store(StoreError::Missing { path }));
        assert!(!store(StoreError::Busy { doing: "reading" }));
        assert!(!is_permanent(&anyhow::anyhow!("the pass was not done")));
    }
}
